import { expect, test } from "vitest";
import type { AppDefinition, ColumnDefinition, ListComponent, TableDefinition } from "$lib/api/types";
import { searched, sorted } from "./question";

const column = (id: string, type: "text" | "integer" = "text", refers?: string): ColumnDefinition => ({
  id,
  title: id,
  offset: 0,
  type: { name: type },
  kind: type === "text" ? "text" : "integer",
  ...(refers ? { refers: { table: refers, column: "no" } } : {}),
});
const source = { from: "table" as const, name: "T" };
const table = (id: string, columns: ColumnDefinition[], see?: "hidden"): TableDefinition => ({
  id,
  title: id,
  source,
  key: "no",
  columns,
  ...(see ? { access: { see: [], insert: [], update: [], delete: [] } } : {}),
});
const orders = table("orders", [
  column("no"),
  column("who", "text", "people"),
  column("part", "integer", "parts"),
  column("spy", "text", "secrets"),
  column("note"),
]);
const definition = {
  screens: [],
  tables: [
    orders,
    table("people", [column("no"), column("name")]),
    table("parts", [column("no", "integer"), column("label")]),
    table("secrets", [column("no"), column("name")], "hidden"),
  ],
} as unknown as AppDefinition;
const list = (search: string[], columns: string[]): ListComponent =>
  ({ type: "list", titleColumn: "no", columns, search, filters: [], detail: [] }) as unknown as ListComponent;

test.each<[string[], string[], string[]]>([
  [["no"], [], ["no"]],
  [["no"], ["who", "part", "spy"], ["no", "who/name", "part/label"]],
  [["no", "who"], ["note"], ["no", "who", "who/name"]],
  [[], ["part"], ["no", "who", "spy", "note", "who/name", "part/label"]],
])("search %j beside %j", (search, columns, expected) =>
  expect(searched(definition, orders, list(search, columns), "member")).toEqual(expected),
);

test("the order is that of what is seen", () => {
  const check = (name: string, role: "member" | "maker", expected: string) =>
    expect(sorted(definition, orders, { column: name, descending: true }, role)).toEqual({
      column: expected,
      descending: true,
    });
  check("note", "member", "note");
  check("who", "member", "who/name");
  check("spy", "member", "spy");
  check("spy", "maker", "spy/name");
  expect(sorted(definition, orders, undefined, "member")).toBeUndefined();
});
