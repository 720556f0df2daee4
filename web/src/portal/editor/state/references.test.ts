import { expect, test } from "vitest";
import type { AppDefinition, ColumnDefinition, Proposal, TableDefinition } from "$lib/api/types";
import { removeColumn } from "./columns";
import { closed, reasonFor, refer, settled, targets } from "./references";

const column = (id: string, offset: number, more: Partial<ColumnDefinition> = {}): ColumnDefinition => ({
  id,
  title: id,
  offset,
  type: { name: "text" },
  kind: "text",
  ...more,
});
const customers: TableDefinition = {
  id: "customers",
  title: "Customers",
  source: { from: "table", name: "Customers" },
  columns: [
    column("name", 1),
    column("id", 0),
    column("count", 2, { type: { name: "integer" }, kind: "integer" }),
    column("full", 3, { formula: "A2&B2" }),
  ],
  key: "id",
};
const to = { table: "customers", column: "id" };
const who = column("who", 0, { validation: { required: true } });
const definition = (own: ColumnDefinition): AppDefinition => ({
  schemaVersion: 1,
  name: "Trade",
  description: "",
  icon: "list",
  accent: "#14584f",
  language: "en",
  screens: [],
  tables: [
    customers,
    { id: "orders", title: "Orders", source: { from: "table", name: "O" }, columns: [own, column("x", 1)] },
  ],
});

test("a column refers to typed columns of its own type, first to the key", () => {
  expect(targets(customers, who).map(({ id }) => id)).toEqual(["id", "name"]);
  expect(targets(customers, customers.columns[0]!).map(({ id }) => id)).toEqual(["id"]);
  expect(targets(customers, { ...who, type: { name: "decimal", scale: 2 } })).toEqual([]);
});

test("choices come and go with the reference", () => {
  const open = refer(who, to, false);
  expect(open).toEqual({ ...who, refers: to });
  const only = refer(open, to, true);
  expect(closed(only)).toBe(true);
  expect(only.validation?.choices).toEqual({ from: "range", binding: { kind: "column", ...to } });
  expect(refer(only, to, false)).toEqual(open);
  expect(refer(only, undefined, false)).toEqual(who);
  // Choices of its own stay.
  const listed = { ...who, validation: { choices: { from: "list" as const, values: ["a"] }, open: true } };
  expect(refer(listed, to, false)).toEqual({ ...listed, refers: to });
  expect(refer({ ...only, kind: "choice" }, undefined, false).kind).toBe("text");
});

test("nothing refers to what is gone", () => {
  const own = refer(who, to, true);
  expect(settled(definition(own))).toEqual(definition(own));
  const gone = removeColumn(definition(own), "customers", "id");
  expect(gone.tables[1]?.columns[0]).toEqual(who);
});

test("the reason is that of the suggestion it came from", () => {
  const own = refer(who, to, false);
  const proposal = {
    definition: definition(own),
    references: [
      { table: "orders", column: "who", refers: to, confidence: 1, reason: { en: "So", de: "Darum" } },
    ],
  } as unknown as Proposal;
  const table = { ...definition(own).tables[1]!, id: "renamed" };
  expect(reasonFor([proposal], table, own)?.de).toBe("Darum");
  expect(reasonFor([proposal], table, refer(who, { table: "customers", column: "name" }, false))).toBe(
    undefined,
  );
});
