// The real `gridkeep`, on a port of its own with an empty data folder and an empty database, gone after the test.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** Pages that mailed links lead to. */
export type MailedPage = "confirm" | "invitation" | "new-password";

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
  static async start(database?: string, more: string[] = []): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "gridkeep-journey-"));
    const program = process.env["GRIDKEEP_PROGRAM"] ?? join(root, "target/debug/gridkeep");
    const options = ["--data", folder, "--listen", "127.0.0.1:0", "--web", join(root, "web/dist")];
    if (database) options.push("--database", database);
    options.push(...more);
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

  /** The newest link mailed to somebody that leads to this page, if there is one; without a mail server, mails are files. */
  async mailed(email: string, page: MailedPage): Promise<string | undefined> {
    const folder = join(this.folder, "outbox");
    // Ids of mails begin with the moment they were made.
    const files = (await readdir(folder).catch(() => [])).sort().reverse();
    for (const file of files) {
      const text = (await readFile(join(folder, file), "utf8"))
        .replaceAll("=\r\n", "")
        .replaceAll("=3D", "=");
      const link = new RegExp(`https?://\\S+/${page}#[0-9a-f]{64}`).exec(text)?.[0];
      if (link && text.includes(`To: ${email}`)) return link;
    }
    return undefined;
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
  await psql(server, `CREATE DATABASE ${name}`);
  return server.replace(/\/[^/]*$/, `/${name}`);
}

/** Makes invitations this many minutes older: the server's clock is the machine's, and nobody waits for it. */
export async function older(database: string, minutes: number): Promise<void> {
  await psql(database, `UPDATE gridkeep_control.invitations SET asked = asked - ${minutes * 60_000}`);
}

async function psql(database: string, command: string): Promise<void> {
  await promisify(execFile)("psql", ["--no-psqlrc", "--quiet", "--dbname", database, "--command", command]);
}
