// A small app for the tests of the editor.
import type { AppDefinition, Field } from "$lib/api/types";
import type { Outline } from "../../workbook";

export const access = {
  see: ["guest" as const, "member" as const],
  edit: ["guest" as const, "member" as const],
};

export function field(id: string, cell: string, mode: "read" | "write" = "write"): Field {
  return { id, label: id, binding: { kind: "cell", sheet: "Loan", cell }, kind: "number", mode, access };
}

export function definition(): AppDefinition {
  return {
    schemaVersion: 1,
    name: "Loan",
    description: "",
    icon: "calculator",
    accent: "#14584f",
    language: "en",
    screens: [
      {
        id: "loan",
        title: "Loan",
        icon: "calculator",
        kind: "calculator",
        access,
        components: [
          {
            type: "fields",
            id: "inputs",
            title: "Inputs",
            fields: [field("amount", "B3"), field("rate", "B4"), field("years", "B5")],
          },
          { type: "fields", id: "results", title: "Results", fields: [field("payment", "B8", "read")] },
          {
            type: "card",
            id: "total_card",
            field: { ...field("total", "B9", "read"), binding: { kind: "name", name: "Total" } },
          },
        ],
      },
      {
        id: "items",
        title: "Items",
        icon: "list",
        kind: "list",
        access,
        components: [
          {
            type: "list",
            id: "item_list",
            table: "stock",
            titleColumn: "item",
            columns: ["item"],
            filters: [],
            search: ["item"],
            detail: ["item", "price"],
          },
          {
            type: "chart",
            id: "price_chart",
            title: "Prices",
            kind: "bar",
            categories: { kind: "column", table: "stock", column: "item" },
            series: [{ label: "Price", values: { kind: "range", sheet: "Stock", range: "B2:B9" } }],
          },
        ],
      },
    ],
    tables: [
      {
        id: "stock",
        title: "Stock",
        source: { from: "table", name: "Stock" },
        columns: [
          { id: "item", title: "Item", offset: 0, type: { name: "text" }, kind: "text" },
          { id: "price", title: "Price", offset: 1, type: { name: "decimal", scale: 2 }, kind: "currency" },
        ],
        access: { see: ["member"], insert: [], update: [], delete: [] },
      },
    ],
  };
}

export const outline: Outline = {
  sheets: [
    { name: "Loan", hidden: false, rows: 20, columns: 4, formulas: 3 },
    { name: "Stock", hidden: false, rows: 9, columns: 2, formulas: 0 },
  ],
  names: [{ name: "Total", sheet: "Loan", range: "B9" }],
  tables: [{ name: "Stock", sheet: "Stock", range: "A1:B9" }],
};
