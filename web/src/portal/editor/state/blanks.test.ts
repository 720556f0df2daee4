import { expect, test } from "vitest";
import type { SheetCell } from "../../workbook";
import { adopt, blankComponent, blankScreen, fieldFor } from "./blanks";
import { ids } from "./find";
import { definition } from "./sample";

const cell = (
  row: number,
  column: number,
  text: string,
  kind: SheetCell["kind"] = "text",
  formula?: string,
): SheetCell => ({
  row,
  column,
  text,
  kind,
  ...(formula !== undefined && { formula }),
});

test("a field takes its label from beside or above and its kind from the value", () => {
  const check = (value: SheetCell, around: SheetCell[], expected: object) =>
    expect(fieldFor(definition(), "Loan", value, around, "write")).toMatchObject(expected);
  check(cell(3, 3, "5.00%", "number"), [cell(3, 1, "Interest rate:"), cell(2, 3, "Value")], {
    label: "Interest rate",
    kind: "percent",
    binding: { kind: "cell", sheet: "Loan", cell: "C3", label: "Interest rate" },
    id: "interest_rate",
  });
  check(cell(3, 2, "1.200,00 €", "number"), [cell(2, 2, "Preis")], {
    label: "Preis",
    kind: "currency",
    unit: "EUR",
  });
  check(cell(3, 2, "21.11.2026", "number"), [], { label: "Loan B3", kind: "date", id: "b3" });
  check(cell(3, 2, "08:30", "number"), [], { kind: "time" });
  check(cell(3, 2, "TRUE", "boolean"), [], { kind: "boolean" });
  check(cell(3, 2, "", "blank"), [cell(3, 1, "Rate", "text", "B1")], { kind: "text", label: "Loan B3" });
});

test("blank components fit their table", () => {
  const app = definition();
  const [stock] = app.tables;
  expect(blankComponent(app, "list", "Stock list", stock)).toMatchObject({
    titleColumn: "item",
    columns: ["price"],
    search: ["item"],
  });
  expect(blankComponent(app, "form", "New", stock)).toMatchObject({ columns: ["item", "price"] });
  expect(blankComponent(app, "list", "Nothing")).toBeUndefined();
  expect(blankScreen(app, "dashboard", "Loan")).toMatchObject({
    id: "loan_2",
    icon: "chart",
    components: [],
  });
});

test("a screen of another suggestion comes with its tables and new ids", () => {
  const app = definition();
  const same = adopt(app, definition(), "items");
  expect(same.tables, "the same table is not doubled").toHaveLength(1);
  expect(same.screens[2]).toMatchObject({
    id: "items_2",
    components: [{ id: "item_list_2", table: "stock" }, { id: "price_chart_2" }],
  });
  const other = definition();
  const [stock] = other.tables;
  if (stock) stock.source = { from: "range", sheet: "Loan", range: "A1:B9" };
  const both = adopt(app, other, "items");
  expect(both.tables.map((table) => table.id)).toEqual(["stock", "stock_2"]);
  expect(both.screens[2]?.components[0]).toMatchObject({ table: "stock_2" });
  expect(both.screens[2]?.components[1]).toMatchObject({ categories: { table: "stock_2" } });
  const [column] = stock?.columns ?? [];
  if (column) column.refers = { table: "stock", column: "price" };
  const referring = adopt(app, other, "items").tables[1]?.columns[0];
  expect(referring?.refers, "references lead to what came along").toEqual({
    table: "stock_2",
    column: "price",
  });
  if (column) column.refers = { table: "elsewhere", column: "id" };
  expect(adopt(app, other, "items").tables[1]?.columns[0]?.refers, "or nowhere").toBeUndefined();
  const loan = adopt(app, definition(), "loan");
  expect(ids(loan).size).toBe(ids(app).size + 9);
  expect(adopt(app, definition(), "nowhere")).toBe(app);
});
