// Components made of cells: a figure of one cell, a chart of a column of numbers.
// Invariant: what is made here names only cells that were given; ids are fresh in the definition it is made for.
import type { AppDefinition, CardComponent, ChartComponent } from "$lib/api/definition";
import type { SheetCell } from "../../workbook";
import { fieldFor, labelOf } from "./blanks";
import { rangeText } from "./cells";
import { freshId } from "./find";

/** A cell's value, large, with its label. */
export function cardOf(
  definition: AppDefinition,
  sheet: string,
  cell: SheetCell,
  around: readonly SheetCell[],
): CardComponent {
  const field = fieldFor(definition, sheet, cell, around, "read");
  return { type: "card", id: freshId(definition, `${field.id} card`), field };
}

/**
 * A chart of the column of numbers that begins at a cell, with what stands left of it as categories; undefined when
 * there are not two numbers. `rows` is where the sheet ends; numbers that go on to the end of what is known of the
 * column (`knownTo`) are taken to go on to there.
 */
export function chartOf(
  definition: AppDefinition,
  sheet: string,
  at: { row: number; column: number },
  cells: readonly SheetCell[],
  rows: number,
  knownTo: number,
): ChartComponent | undefined {
  const find = (row: number, column: number) =>
    cells.find((cell) => cell.row === row && cell.column === column);
  const top = find(at.row, at.column)?.kind === "text" ? at.row + 1 : at.row;
  let bottom = top;
  while (find(bottom, at.column)?.kind === "number") bottom++;
  bottom -= 1;
  if (bottom - top < 1) return undefined;
  if (bottom >= knownTo) bottom = Math.max(bottom, rows);
  const area = (column: number) => ({ sheet, top, bottom, left: column, right: column });
  const label =
    find(top - 1, at.column)?.text ?? labelOf({ ...at, row: top, text: "", kind: "blank" }, cells) ?? "";
  let left = at.column - 1;
  while (left > 0 && !find(top, left)) left--;
  return {
    type: "chart",
    id: freshId(definition, `${label} chart`),
    title: label.slice(0, 80),
    kind: "bar",
    ...(left > 0 && { categories: { kind: "range" as const, sheet, range: rangeText(area(left)) } }),
    series: [
      { label: label.slice(0, 80), values: { kind: "range", sheet, range: rangeText(area(at.column)) } },
    ],
  };
}
