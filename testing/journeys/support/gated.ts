// An app whose actions and tables are guarded by gates, published without the portal: for journeys about what people are asked.
import type { Page } from "@playwright/test";
import type { Person } from "./pages.ts";
import type { Definition } from "./publish.ts";
import { xlsx } from "./sheets.ts";

/** Expenses, of which only the hotel is large. */
export const expenses = xlsx({
  Expenses: [
    ["Number", "What", "Amount", "Status"],
    ["E-1", "Train to Ulm", 48.5, "open"],
    ["E-2", "Hotel in Oslo", 9100, "open"],
    ["E-3", "Taxi", 23, "paid"],
  ],
});

export interface GateWish {
  id: string;
  message: string;
  [more: string]: unknown;
}

export interface Guarded {
  id: string;
  link: string;
  service: string;
}

/** Signed in as its maker: makes the gates, publishes the app that names them, and switches them on. */
export async function guard(
  page: Page,
  address: string,
  maker: Person,
  gates: GateWish[],
  shape: (definition: Definition) => void,
  people: string[] = [],
): Promise<Guarded> {
  const ask = async (method: string, path: string, options: Parameters<Page["request"]["fetch"]>[1] = {}) => {
    const headers = { "x-gridkeep": "1", ...options.headers };
    const answer = await page.request.fetch(address + path, { method, ...options, headers });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.status() === 204 ? undefined : answer.json();
  };
  const put = (gate: GateWish, active: boolean) =>
    ask("PUT", `/api/checkpoints/gates/${gate.id}`, { data: { ...gate, active } });
  await ask("POST", "/api/accounts", { data: maker });
  // Values of rows are known once an app names them: until then it cannot be switched on.
  for (const gate of gates) await put(gate, false);
  const creation = await ask("POST", "/api/creations", {
    data: expenses,
    headers: { "x-file-name": "expenses.xlsx", "content-type": "application/octet-stream" },
  });
  const definition = creation.proposals[0].definition as Definition;
  shape(definition);
  const app = await ask("POST", `/api/creations/${creation.token}/publish`, {
    data: { definition, audience: "private", people },
  });
  for (const gate of gates) await put(gate, true);
  return { id: app.id, link: app.link.replace(/^https?:\/\/[^/]+/, address), service: app.service };
}

/** An action that approves an expense, with a note; guarded for large ones. */
export function approval(definition: Definition, where = "Amount gt 5000"): void {
  definition.actions = [
    {
      id: "approve",
      title: "Approve",
      table: definition.tables[0]?.id,
      parameters: [{ id: "note", title: "Note", type: { name: "text" }, kind: "text" }],
      steps: [{ do: "set", values: { status: { formula: '"approved"&IF(note="",""," – "&note)' } } }],
      access: ["member"],
      gates: [{ gate: "APPROVE", where }],
    },
  ];
}
