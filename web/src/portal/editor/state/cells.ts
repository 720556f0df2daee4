// Cell addresses, and which cells a component or field is bound to.
// Invariant: rows and columns count from 1, as in A1 notation and in the engine's answers.
import type { AppDefinition, Binding, Component, Field } from "$lib/api/types";
import type { Outline } from "../../workbook";
import { fieldsOf, place, table, type Selection } from "./find";

export interface Rectangle {
  sheet: string;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** `1` → `A`, `27` → `AA`. */
export function letters(column: number): string {
  let text = "";
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26))
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  return text;
}

/** `(3, 2)` → `B3`. */
export function address(row: number, column: number): string {
  return `${letters(column)}${row}`;
}

/** `B3` or `$B$3` → row and column. */
export function position(text: string): { row: number; column: number } | undefined {
  const match = /^\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})$/.exec(text.trim());
  if (!match) return undefined;
  const column = [...(match[1] ?? "").toUpperCase()].reduce(
    (sum, letter) => sum * 26 + letter.charCodeAt(0) - 64,
    0,
  );
  const row = Number(match[2]);
  return column > 16_384 || row > 1_048_576 ? undefined : { row, column };
}

/** `B3:C9` or `B3` on a sheet → the rectangle. */
export function rectangle(sheet: string, range: string): Rectangle | undefined {
  const [from, to, more] = range.split(":");
  const start = position(from ?? "");
  const end = position(to ?? from ?? "");
  if (!start || !end || more !== undefined) return undefined;
  return {
    sheet,
    top: Math.min(start.row, end.row),
    left: Math.min(start.column, end.column),
    bottom: Math.max(start.row, end.row),
    right: Math.max(start.column, end.column),
  };
}

/** `Data!$B$2:$B$13` or `'My sheet'!B2` → the rectangle. */
export function reference(text: string): Rectangle | undefined {
  const match = /^=?(?:'((?:[^']|'')+)'|([^'!]+))!(.+)$/.exec(text.trim());
  if (!match) return undefined;
  return rectangle((match[1] ?? match[2] ?? "").replaceAll("''", "'"), match[3] ?? "");
}

/** How a rectangle is written: `B3:C9`, or `B3` when it is one cell. */
export function rangeText({ top, left, bottom, right }: Rectangle): string {
  const start = address(top, left);
  return top === bottom && left === right ? start : `${start}:${address(bottom, right)}`;
}

export function contains(area: Rectangle, sheet: string, row: number, column: number): boolean {
  return (
    area.sheet === sheet &&
    row >= area.top &&
    row <= area.bottom &&
    column >= area.left &&
    column <= area.right
  );
}

/** The cells of a binding; none when a name is unknown. */
export function cellsOf(definition: AppDefinition, outline: Outline, binding: Binding): Rectangle[] {
  const one = (found: Rectangle | undefined) => (found ? [found] : []);
  switch (binding.kind) {
    case "cell":
      return one(rectangle(binding.sheet, binding.cell));
    case "range":
      return one(rectangle(binding.sheet, binding.range));
    case "name":
      return one(named(outline, binding.name));
    case "column": {
      const source = definition.tables.find((found) => found.id === binding.table);
      const column = source?.columns.find((found) => found.id === binding.column);
      const area = tableArea(definition, outline, binding.table);
      if (!area || !column) return [];
      const at = area.left + column.offset;
      return at > area.right ? [] : [{ ...area, left: at, right: at }];
    }
  }
}

/** Headers and rows of a published table. */
export function tableArea(definition: AppDefinition, outline: Outline, id: string): Rectangle | undefined {
  const source = definition.tables.find((found) => found.id === id)?.source;
  if (source?.from === "range") return rectangle(source.sheet, source.range);
  const found = outline.tables.find((known) => known.name.toLowerCase() === source?.name.toLowerCase());
  return found && rectangle(found.sheet, found.range);
}

/** The cells that belong to what is selected. */
export function selectedCells(
  definition: AppDefinition,
  outline: Outline,
  selection: Selection,
): Rectangle[] {
  const source = table(definition, selection);
  if (source) return area(definition, outline, source.id);
  const found = place(definition, selection);
  if (!found) return [];
  if (found.field) return cellsOf(definition, outline, found.field.binding);
  const components = found.component ? [found.component] : found.screen.components;
  return components.flatMap((component) => componentCells(definition, outline, component));
}

/** What is bound to a cell: fields before the components around them, small before large. */
export function boundTo(
  definition: AppDefinition,
  outline: Outline,
  sheet: string,
  row: number,
  column: number,
): Selection[] {
  const hits = (areas: Rectangle[]) => areas.some((one) => contains(one, sheet, row, column));
  const components = definition.screens.flatMap((screen) => screen.components);
  const fields = components
    .flatMap(fieldsOf)
    .filter((field: Field) => hits(cellsOf(definition, outline, field.binding)))
    .map((field): Selection => ({ kind: "field", id: field.id }));
  const others = components
    .filter((component) => component.type !== "fields" && component.type !== "card")
    .filter((component) => hits(componentCells(definition, outline, component)))
    .map((component): Selection => ({ kind: "component", id: component.id }));
  const tables = definition.tables
    .filter((one) => hits(area(definition, outline, one.id)))
    .map((one): Selection => ({ kind: "table", id: one.id }));
  return [...fields, ...others, ...tables];
}

/** The cells that people fill in: what the analysis of the workbook found, and what the app lets them enter. */
export function filledIn(
  definition: AppDefinition,
  outline: Outline,
  inputs: readonly string[],
): Rectangle[] {
  const components = definition.screens.flatMap((screen) => screen.components);
  const entered = components
    .flatMap(fieldsOf)
    .filter((field: Field) => field.mode === "write")
    .flatMap((field) => cellsOf(definition, outline, field.binding));
  return [...inputs.map(reference).filter((found) => found !== undefined), ...entered];
}

function componentCells(definition: AppDefinition, outline: Outline, component: Component): Rectangle[] {
  const of = (binding: Binding) => cellsOf(definition, outline, binding);
  switch (component.type) {
    case "fields":
    case "card":
      return fieldsOf(component).flatMap((field) => of(field.binding));
    case "grid":
      return of(component.binding);
    case "chart":
      return [
        ...(component.categories ? of(component.categories) : []),
        ...component.series.flatMap((one) => of(one.values)),
      ];
    case "list":
    case "form":
      return area(definition, outline, component.table);
    case "text":
      return [];
  }
}

function area(definition: AppDefinition, outline: Outline, id: string): Rectangle[] {
  const found = tableArea(definition, outline, id);
  return found ? [found] : [];
}

function named(outline: Outline, name: string): Rectangle | undefined {
  const found = outline.names.find((known) => known.name.toLowerCase() === name.toLowerCase());
  return found && rectangle(found.sheet, found.range);
}
