// A name server for journeys: over TCP, it knows the text records that it is given.
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";

export class NameServer {
  private constructor(
    private readonly server: Server,
    /** Where it listens. */
    readonly address: string,
    /** What it says of every domain. */
    private readonly record: { text: string },
  ) {}

  static async start(): Promise<NameServer> {
    const record = { text: "" };
    const server = createServer((socket) =>
      socket.once("data", (asked) => {
        const answer = Buffer.from(asked.subarray(2));
        answer[2] = 0x81;
        answer[7] = 1;
        const text = Buffer.from(record.text);
        const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, text.length + 1, text.length]);
        const all = Buffer.concat([answer, head, text]);
        socket.end(Buffer.concat([Buffer.from([all.length >> 8, all.length & 255]), all]));
      }),
    );
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new NameServer(server, `127.0.0.1:${(server.address() as AddressInfo).port}`, record);
  }

  says(text: string): void {
    this.record.text = text;
  }

  stop(): void {
    this.server.close();
  }
}
