// A company's provider that speaks SAML, as the tests of the server start it: pysaml2 with xmlsec1, on the loopback.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./server.ts";

const python = "/usr/bin/python3";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

export class SamlProvider {
  private constructor(
    readonly origin: string,
    /** What it says of itself. */
    readonly metadata: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Whether this machine has what it takes. */
  static isHere(): boolean {
    return (
      spawnSync(python, ["-c", "import saml2"]).status === 0 && spawnSync("xmlsec1", ["--version"]).status === 0
    );
  }

  static async start(): Promise<SamlProvider> {
    const [folder, port] = [await mkdtemp(join(tmpdir(), "gk-saml-")), await freePort()];
    const script = join(root, "testing/kit/src/saml/provider.py");
    const child = spawn(python, [script, folder, String(port)], { stdio: "ignore" });
    const origin = `http://127.0.0.1:${port}`;
    for (;;) {
      if (child.exitCode !== null) throw new Error("the company's provider ended at once");
      const answer = await fetch(`${origin}/metadata`).catch(() => undefined);
      if (answer?.ok) return new SamlProvider(origin, await answer.text(), child, folder);
      // Another process's readiness is no event this one could wait for.
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /** Tells it of a service by that one's metadata, at this address. */
  async know(service: string): Promise<void> {
    const body = await (await fetch(service)).text();
    await fetch(`${this.origin}/service`, { method: "POST", body });
  }

  async stop(): Promise<void> {
    this.process.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
