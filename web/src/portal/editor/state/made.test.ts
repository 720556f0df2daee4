import { expect, test } from "vitest";
import type { SheetCell } from "../../workbook";
import { cardOf, chartOf } from "./made";
import { definition } from "./sample";

const cells: SheetCell[] = [
  { row: 1, column: 1, text: "Month", kind: "text" },
  { row: 1, column: 3, text: "Sales", kind: "text" },
  ...[2, 3, 4, 5].flatMap((row): SheetCell[] => [
    { row, column: 1, text: `M${row}`, kind: "text" },
    { row, column: 3, text: `${row * 10}`, kind: "number" },
  ]),
];

test("a chart of a column of numbers, from its header or its first number", () => {
  const expected = {
    type: "chart",
    id: "sales_chart",
    title: "Sales",
    kind: "bar",
    categories: { kind: "range", sheet: "Data", range: "A2:A5" },
    series: [{ label: "Sales", values: { kind: "range", sheet: "Data", range: "C2:C5" } }],
  };
  for (const row of [1, 2])
    expect(chartOf(definition(), "Data", { row, column: 3 }, cells, 9, 64)).toEqual(expected);
});

test("numbers that reach the end of what is known go on to the end of the sheet", () => {
  const made = chartOf(definition(), "Data", { row: 2, column: 3 }, cells, 900, 5);
  expect(made?.series[0]?.values).toEqual({ kind: "range", sheet: "Data", range: "C2:C900" });
});

test("no chart without two numbers", () => {
  for (const at of [
    { row: 5, column: 3 },
    { row: 2, column: 1 },
    { row: 40, column: 9 },
  ])
    expect(chartOf(definition(), "Data", at, cells, 9, 64)).toBeUndefined();
});

test("a figure of a cell", () => {
  const [, , , cell] = cells;
  if (!cell) throw new Error("the sample has four cells");
  expect(cardOf(definition(), "Data", cell, cells)).toMatchObject({
    id: "m2_card",
    field: { id: "m2", label: "M2", mode: "read" },
  });
});
