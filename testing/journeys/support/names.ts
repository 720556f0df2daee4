// A name server for journeys: dnsmasq, which knows the text record that it is given and nothing else.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";

export class NameServer {
  private constructor(
    private readonly port: number,
    private process: ChildProcess,
  ) {}

  /** Where it listens. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  static async start(): Promise<NameServer> {
    const probe = createServer();
    await new Promise<void>((ready) => probe.listen(0, "127.0.0.1", ready));
    const { port } = probe.address() as AddressInfo;
    await new Promise((closed) => probe.close(closed));
    return new NameServer(port, await launch(port, []));
  }

  /** From now on it says this of a domain, and nothing of any other: it learns of it by starting anew. */
  async says(domain: string, text: string): Promise<void> {
    await this.stop();
    this.process = await launch(this.port, [`--txt-record=${domain},${text}`]);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }
}

async function launch(port: number, records: string[]): Promise<ChildProcess> {
  const own = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file="];
  const place = ["--bind-interfaces", "--listen-address=127.0.0.1", `--port=${port}`];
  // Where Debian has it, which is not on everybody's path.
  const child = spawn("/usr/sbin/dnsmasq", [...own, ...place, ...records], { stdio: "ignore" });
  const failed = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`dnsmasq ended with ${code}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([
    listens(port, () => child.exitCode === null && child.signalCode === null && child.pid !== undefined),
    failed,
  ]);
  return child;
}

/** Resolves once somebody listens there; never where whoever was to listen has ended. */
function listens(port: number, lives: () => boolean): Promise<void> {
  return new Promise((ready) => {
    const attempt = () => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        ready();
      });
      // Refused until it listens: another process's readiness is no event.
      socket.once("error", () => lives() && setTimeout(attempt, 20));
    };
    attempt();
  });
}
