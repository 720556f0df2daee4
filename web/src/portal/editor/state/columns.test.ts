import { expect, test } from "vitest";
import type { AppDefinition, TableDefinition } from "$lib/api/types";
import { areaOf, removeColumn } from "./columns";

const column = (id: string, offset: number) => ({
  id,
  title: id,
  offset,
  type: { name: "text" as const },
  kind: "text" as const,
});
const table: TableDefinition = {
  id: "stock",
  title: "Stock",
  source: { from: "range", sheet: "Stock", range: "B3:D9" },
  columns: [column("sku", 0), column("item", 1), column("place", 2)],
  key: "sku",
};
const definition = {
  schemaVersion: 1,
  name: "Stock",
  description: "",
  icon: "list",
  accent: "#2f6f4f",
  language: "en",
  tables: [table],
  screens: [
    {
      id: "list",
      title: "List",
      icon: "list",
      kind: "list",
      components: [
        {
          type: "list",
          id: "items",
          table: "stock",
          titleColumn: "sku",
          columns: ["sku", "item"],
          filters: ["place"],
          search: ["sku"],
          sort: { column: "sku" },
          detail: ["sku", "item", "place"],
        },
        { type: "form", id: "form", table: "stock", columns: ["sku", "place"] },
        {
          type: "chart",
          id: "chart",
          title: "Places",
          kind: "bar",
          categories: { kind: "column", table: "stock", column: "place" },
          series: [
            {
              label: "Items",
              values: { kind: "column", table: "stock", column: "item" },
              aggregate: "count",
            },
          ],
        },
      ],
    },
  ],
} satisfies AppDefinition;

/** What still names the columns, in the order of the definition. */
function named(after: AppDefinition): string {
  const [own] = after.tables;
  const columns = own?.columns.map(({ id }) => id).join();
  const components = after.screens[0]?.components.map((component) => {
    if (component.type === "form") return `form ${component.columns.join()}`;
    if (component.type !== "list") return component.type;
    const { titleColumn, columns, filters, search, sort, detail } = component;
    return `list ${[titleColumn, columns, filters, search, sort?.column ?? "", detail].join(" ")}`;
  });
  return [`${columns} by ${own?.key ?? "nothing"}`, ...(components ?? [])].join("; ");
}

test.each([
  ["sku", "item,place by nothing; list item item place   item,place; form place; chart"],
  ["item", "sku,place by sku; list sku sku place sku sku sku,place; form sku,place"],
  ["place", "sku,item by sku; list sku sku,item  sku sku sku,item; form sku"],
  ["nobody", "sku,item,place by sku; list sku sku,item place sku sku sku,item,place; form sku,place; chart"],
])("without %s", (id, left) => {
  expect(named(removeColumn(definition, "stock", id))).toBe(left);
});

test("the last column stays", () => {
  const one = { ...definition, tables: [{ ...table, columns: [column("sku", 0)] }] };
  expect(removeColumn(one, "stock", "sku")).toBe(one);
});

test("where a table is", () => {
  const outline = { sheets: [], names: [], tables: [{ name: "Parts", sheet: "Data", range: "A1:C4" }] };
  expect(areaOf(table, outline)).toEqual({ sheet: "Stock", top: 3, left: 2, bottom: 9, right: 4 });
  expect(areaOf({ ...table, source: { from: "table", name: "parts" } }, outline)).toEqual({
    sheet: "Data",
    top: 1,
    left: 1,
    bottom: 4,
    right: 3,
  });
  expect(areaOf({ ...table, source: { from: "table", name: "gone" } }, outline)).toBeUndefined();
});
