// The real `gridkeep`, on a port of its own with an empty data folder and an empty database, gone after the test.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

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

  /** Starts the server and waits until it says where it is: the system chooses the port, so nobody else has it. */
  static async start(database?: string): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "gridkeep-journey-"));
    const program = process.env["GRIDKEEP_PROGRAM"] ?? join(root, "target/debug/gridkeep");
    const options = ["--data", folder, "--listen", "127.0.0.1:0", "--web", join(root, "web/dist")];
    if (database) options.push("--database", database);
    const log: string[] = [];
    const child = spawn(program, ["serve", ...options], { stdio: ["ignore", "pipe", "pipe"] });
    const address = await new Promise<string>((ready, failed) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (bytes: Buffer) => {
          log.push(bytes.toString());
          const told = /^Gridkeep is ready: (.+)\/$/m.exec(log.join(""))?.[1];
          if (told) ready(told);
        });
      child.once("error", failed);
      child.once("exit", () => failed(new Error(`gridkeep ended at once:\n${log.join("")}`)));
    });
    return new Server(address, child, folder, log);
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
}

let databases = 0;

/** A new, empty database of this PostgreSQL server; it goes with the server, which `cargo xtask` starts for the tests. */
export async function freshDatabase(server: string): Promise<string> {
  const name = `journey_${process.pid}_${Date.now()}_${(databases += 1)}`;
  await promisify(execFile)("psql", ["--no-psqlrc", "--quiet", "--dbname", server, "--command", `CREATE DATABASE ${name}`]);
  return server.replace(/\/[^/]*$/, `/${name}`);
}
