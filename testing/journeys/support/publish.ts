// Publishes an app without the portal: for journeys that are about what people do with it, in whatever language.
import { request } from "@playwright/test";
import type { Person } from "./pages.ts";
import type { Server } from "./server.ts";

/** Parts of an app definition that journeys shape. */
export interface Definition {
  language: string;
  tables: { id: string; columns: Record<string, unknown>[]; access?: Record<string, string[]> }[];
  screens: { components: Record<string, unknown>[] }[];
  actions?: unknown[];
}

/** Takes the best proposal for a workbook, lets it be shaped, publishes it for everybody and gives its link. */
export async function publish(
  server: Server,
  maker: Person,
  file: { name: string; buffer: Buffer },
  shape: (definition: Definition) => void,
): Promise<string> {
  const context = await request.newContext({ baseURL: server.address, extraHTTPHeaders: { "x-gridkeep": "1" } });
  const post = async (path: string, options: Parameters<typeof context.post>[1]) => {
    const answer = await context.post(path, options);
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  await post("/api/accounts", { data: maker });
  const headers = { "x-file-name": encodeURIComponent(file.name), "content-type": "application/octet-stream" };
  const creation = await post("/api/creations", { data: file.buffer, headers });
  const definition = creation.proposals[0].definition as Definition;
  shape(definition);
  const published = await post(`/api/creations/${creation.token}/publish`, {
    data: { definition, audience: "public", people: [] },
  });
  await context.dispose();
  return published.link;
}
