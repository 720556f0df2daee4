// A program on the person's own machine that asks for access as RFC 8252 has it.
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A program that waits for its answer at a free port, as RFC 8252 has it. */
export class Program {
  private constructor(
    private readonly server: Server,
    /** Where its answer goes. */
    readonly redirect: string,
    readonly answer: Promise<URLSearchParams>,
  ) {}

  static async start(): Promise<Program> {
    let heard: (answer: URLSearchParams) => void;
    const answer = new Promise<URLSearchParams>((resolve) => (heard = resolve));
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      if (url.pathname !== "/callback") return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": "text/html" }).end("<title>Done</title><h1>Back in the program</h1>");
      heard(url.searchParams);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new Program(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`, answer);
  }

  stop(): void {
    this.server.close();
  }
}

export const verifier = randomBytes(32).toString("base64url");

export function question(address: string, redirect: string, scope: string): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "gridkeep",
    redirect_uri: redirect,
    scope,
    state: "a state & more",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return `${address}/oauth/authorize?${query}`;
}

/** What a program is given for the code that came to it. */
export async function redeem(address: string, program: Program): Promise<string> {
  const fields = {
    grant_type: "authorization_code",
    client_id: "gridkeep",
    code: (await program.answer).get("code") ?? "",
    code_verifier: verifier,
    redirect_uri: program.redirect,
  };
  const answer = await fetch(`${address}/oauth/token`, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { access_token: string }).access_token;
}
