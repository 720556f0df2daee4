// A published app as the client uses it: definition, workbook, rows.
import { ask, askJson, path } from "./http";
import type { ClientApp, Outcome, RowArray, RowsPage, RowsRequest, Transaction } from "./types";

/** Says that it is our own page: opening an app accepts what whoever opens it was invited by. */
export const getClientApp = (app: string) =>
  askJson<ClientApp>("GET", path`/api/apps/${app}/client`, { headers: { "x-gridkeep": "1" } });

/** What an app calculates with: the workbook without the rows of published tables. */
export const workbookPath = (app: string, version: number) =>
  path`/api/apps/${app}/versions/${version}/workbook`;

export const getRows = (app: string, table: string, request: RowsRequest, signal?: AbortSignal) =>
  askJson<RowsPage>("POST", path`/api/apps/${app}/tables/${table}/rows`, {
    body: request,
    ...(signal ? { signal } : {}),
  });

/** Refusals are answers: 409 when a row has changed meanwhile, 422 otherwise. */
export async function execute(app: string, transaction: Transaction): Promise<Outcome> {
  const expect = [403, 409, 422];
  const response = await ask("POST", path`/api/apps/${app}/transactions`, { body: transaction, expect });
  const answer = (await response.json()) as Outcome;
  if (answer.outcome) return answer;
  return { outcome: "refused", problems: [{ operation: 0, column: null, reason: { code: "forbidden" } }] };
}

/** Ids of the actions that can be run now, on a row or on none. */
export async function getRunnable(app: string, on?: { table: string; row: string }): Promise<string[]> {
  const query = on ? `?${new URLSearchParams({ ...on })}` : "";
  const found = await askJson<{ actions: string[] }>("GET", path`/api/apps/${app}/actions` + query);
  return found.actions;
}

/** All rows of a table as they are streamed; `progress` hears how many have come. */
export async function snapshot(
  app: string,
  table: string,
  progress?: (rows: number) => void,
): Promise<{ columns: string[]; sequence: number; rows: RowArray[] }> {
  const response = await ask("GET", path`/api/apps/${app}/tables/${table}/snapshot`);
  const rows: RowArray[] = [];
  let head = { columns: [] as string[], sequence: 0 };
  let first = true;
  for await (const line of lines(response.body)) {
    if (first) head = JSON.parse(line);
    else rows.push(JSON.parse(line));
    first = false;
    if (rows.length % 2000 === 0) progress?.(rows.length);
  }
  return { ...head, rows };
}

/** The lines of a stream of UTF-8 text, blank ones left out. */
export async function* lines(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (!stream) return;
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const parts = rest.split("\n");
    rest = done ? "" : (parts.pop() ?? "");
    for (const part of parts) if (part.trim()) yield part;
    if (done) return;
  }
}
