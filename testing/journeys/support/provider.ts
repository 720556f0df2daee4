// A company's own sign-in: panva's oidc-provider, which asks for a name and believes it.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
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
    child.stdout.once("data", (line: Buffer) => ready((JSON.parse(line.toString()) as { issuer: string }).issuer));
    child.once("error", failed);
    child.once("exit", () => failed(new Error("the company's sign-in ended at once")));
  });
  return { process: child, issuer };
}
