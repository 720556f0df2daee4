// What an app contains, in numbers; and how many rows its tables bring along.
import type { AppDefinition } from "$lib/api/types";
import type { Outline } from "../workbook";
import { tableArea } from "../editor/state/cells";

export interface Summary {
  inputs: number;
  results: number;
  charts: number;
  tables: number;
  rows: number;
}

/** Counts inputs (entered fields and grid columns), results, charts, tables and their rows. */
export function summary(definition: AppDefinition, outline: Outline): Summary {
  const sum: Summary = { inputs: 0, results: 0, charts: 0, tables: definition.tables.length, rows: 0 };
  const count = (mode: "read" | "write") => (mode === "write" ? sum.inputs++ : sum.results++);
  for (const component of definition.screens.flatMap((screen) => screen.components)) {
    if (component.type === "fields") component.fields.forEach((field) => count(field.mode));
    else if (component.type === "card") count(component.field.mode);
    else if (component.type === "grid") component.columns.forEach((column) => count(column.mode));
    else if (component.type === "chart") sum.charts++;
  }
  for (const table of definition.tables) {
    const area = tableArea(definition, outline, table.id);
    if (area) sum.rows += area.bottom - area.top;
  }
  return sum;
}
