// What every client begins with: a server of its own, apps published through the server's own API, and a key for programs.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { test as base, expect } from "@playwright/test";
import { freshDatabase, sample, Server } from "../../journeys/support/server.ts";

/** An app as an OData service. */
export interface Service {
  /** Its address, with a slash at the end. */
  root: string;
  /** An API key of its maker, who may change everything. */
  key: string;
}

const json = { "content-type": "application/json" };

/** Whose server it is. */
export const owner = { email: "mara@example.org", name: "Mara Maker", password: "correct horse battery staple" };

/** The server, and whoever publishes apps on it. */
export class Maker {
  private readonly cookies = new Map<string, string>();

  private constructor(readonly server: Server) {}

  /** Opens an account, the server's first one. */
  static async at(server: Server): Promise<Maker> {
    const maker = new Maker(server);
    await maker.post("/api/accounts", json, JSON.stringify(owner));
    return maker;
  }

  /** Publishes what is proposed for a workbook of the project's samples. */
  async publish(workbook: string): Promise<Service> {
    return this.publishBytes(workbook, await readFile(sample(workbook)));
  }

  /** Makes a gate, which asks from now on. */
  async gate(gate: { id: string; [more: string]: unknown }): Promise<void> {
    await this.ask("PUT", `/api/checkpoints/gates/${gate.id}`, json, JSON.stringify(gate), 204);
  }

  /** Publishes what is proposed for a file, in this shape. */
  async publishBytes(name: string, bytes: Uint8Array, shape?: (definition: any) => void): Promise<Service> {
    const file = { "content-type": "application/octet-stream", "x-file-name": basename(name) };
    const creation = await this.post("/api/creations", file, bytes);
    const definition = creation["proposals"][0]["definition"];
    shape?.(definition);
    const wishes = { definition, audience: "private", people: [] };
    const app = await this.post(`/api/creations/${creation["token"]}/publish`, json, JSON.stringify(wishes));
    const wanted = JSON.stringify({ name: "a client", writes: true });
    const made = await this.post(`/api/apps/${app["id"]}/keys`, json, wanted);
    return { root: `${this.server.address}/odata/default/${app["id"]}/`, key: made["secret"] };
  }

  // What the server answers is looked into piece by piece.
  private async post(path: string, headers: Record<string, string>, body: string | Uint8Array): Promise<any> {
    return JSON.parse(await this.ask("POST", path, headers, body, 201));
  }

  private async ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | Uint8Array,
    status: number,
  ): Promise<string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${this.server.address}${path}`, {
      method,
      headers: { ...headers, cookie, "x-gridkeep": "1" },
      body: body as BodyInit,
    });
    const text = await answer.text();
    expect(answer.status, text).toBe(status);
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.cookies.set(name, value);
    }
    return text;
  }
}

/** A row of the inventory, as the service tells it. */
export interface Part {
  Part: string;
  Name: string;
  Quantity: number;
  Price: number;
  Bought: string;
  Active: boolean;
}

/** An inventory of 25 parts; one has a name that URLs must encode. */
export const parts: Part[] = Array.from({ length: 25 }, (_, at) => {
  const number = String(at + 1).padStart(4, "0");
  return {
    Part: `P-${number}`,
    Name: at === 6 ? "O'Neill & Söhne + Co" : `Part ${number}`,
    Quantity: (at * 7) % 50,
    Price: at * 1.25 + 0.5,
    Bought: `2026-03-${String(at + 1).padStart(2, "0")}`,
    Active: at % 2 === 0,
  };
});

/** The same as a file. */
export const inventory = new TextEncoder().encode([
  "Part,Name,Quantity,Price,Bought,Active",
  ...parts.map((part) => Object.values({ ...part, Price: part.Price.toFixed(2) }).join(",")),
].join("\r\n"));

export const test = base.extend<{ stock: Service; loan: Service }, { maker: Maker }>({
  // One server for all tests of a worker: each publishes apps of its own.
  maker: [
    async ({}, use, { project }) => {
      const { postgresql } = project.metadata as { postgresql?: string };
      const server = await Server.start(postgresql && (await freshDatabase(postgresql)));
      await use(await Maker.at(server));
      await server.stop();
    },
    { scope: "worker" },
  ],
  stock: async ({ maker }, use) => {
    await use(await maker.publishBytes("inventory.csv", inventory));
  },
  loan: async ({ maker }, use) => {
    await use(await maker.publish("loan_calculator.xlsx"));
  },
});

export { expect } from "@playwright/test";
