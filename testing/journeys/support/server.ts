// The real `gridkeep`, on a port of its own with an empty data folder, gone after the test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The folder of the workspace. */
export const root = resolve(import.meta.dirname, "../../..");

/** A workbook of the project's own samples. */
export const sample = (name: string) => join(root, "samples", name);

export class Server {
  private constructor(
    /** Where the pages are, without a slash at the end. */
    readonly address: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly log: string[],
  ) {}

  /** Starts the server and waits until it answers. */
  static async start(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "gridkeep-journey-"));
    const address = `http://127.0.0.1:${await freePort()}`;
    const program = process.env["GRIDKEEP_PROGRAM"] ?? join(root, "target/debug/gridkeep");
    const options = ["--data", folder, "--listen", address.replace("http://", ""), "--base-url", address];
    const log: string[] = [];
    const child = spawn(program, ["serve", ...options, "--web", join(root, "web/dist")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => log.push(bytes.toString()));
    const server = new Server(address, child, folder, log);
    await server.ready();
    return server;
  }

  /** What the server has logged. */
  get words(): string {
    return this.log.join("");
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (;;) {
      if (this.process.exitCode !== null) throw new Error(`gridkeep ended at once:\n${this.words}`);
      const answer = await fetch(`${this.address}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((next) => setImmediate(next));
    }
  }
}

/** A port that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port to be had");
  return address.port;
}
