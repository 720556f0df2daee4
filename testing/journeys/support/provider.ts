// A company's own sign-in: panva's oidc-provider, which asks for a name and believes it.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { APIRequestContext } from "@playwright/test";
import type { NameServer } from "./names.ts";
import { root } from "./server.ts";

export interface Company {
  process: ChildProcess;
  issuer: string;
}

/** Starts one at which these people work. */
export async function company(people: Record<string, object>): Promise<Company> {
  const program = join(root, "testing/journeys/support/company.mjs");
  const child = spawn("node", [program, JSON.stringify({ people })], { stdio: ["ignore", "pipe", "ignore"] });
  const issuer = await new Promise<string>((ready, failed) => {
    child.stdout.once("data", (line: Buffer) =>
      ready((JSON.parse(line.toString()) as { issuer: string }).issuer),
    );
    child.once("error", failed);
    child.once("exit", () => failed(new Error("the company's sign-in ended at once")));
  });
  return { process: child, issuer };
}

/** What one of our own addresses answers to whoever is signed in. */
async function ask<T>(request: APIRequestContext, method: string, url: string, data?: object): Promise<T> {
  const answer = await request.fetch(url, {
    method,
    headers: { "x-gridkeep": "1" },
    ...(data ? { data } : {}),
  });
  if (!answer.ok()) throw new Error(`${method} ${url}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Opens this company's sign-in, without the screens: where they are not what is looked at. */
export async function openProvider(
  request: APIRequestContext,
  address: string,
  issuer: string,
): Promise<void> {
  const providers = `${address}/api/providers`;
  const wish = (client: string) => ({
    name: "Corp login",
    enabled: true,
    settings: { rules: { newcomers: "member" }, oidc: { issuer, client } },
  });
  const { id, redirect } = await ask<{ id: string; redirect: string }>(request, "POST", providers, {
    ...wish("later"),
    secret: "",
  });
  const registered = await fetch(`${issuer}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirect] }),
  });
  const client = (await registered.json()) as { client_id: string; client_secret: string };
  await ask(request, "PUT", `${providers}/${id}`, {
    ...wish(client.client_id),
    secret: client.client_secret,
  });
}

/** Proves this domain by its record. */
export async function proveDomain(
  request: APIRequestContext,
  address: string,
  names: NameServer,
  domain: string,
): Promise<void> {
  const domains = `${address}/api/domains`;
  const { record } = await ask<{ record: string }>(request, "POST", domains, { domain });
  await names.says(domain, record);
  await ask(request, "POST", `${domains}/${domain}/check`);
}
