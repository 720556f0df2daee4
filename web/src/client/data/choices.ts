// The values a column offers to choose from.
import type { ColumnDefinition, Scalar, TableDefinition } from "$lib/api/types";
import type { Engine } from "$lib/engine/engine";
import { rangeOf } from "$lib/values/range";
import { distinct, type Source } from "./source";

/** Those of the definition, of the workbook's range, or, for a filter, those that occur. */
export async function choicesOf(
  table: TableDefinition,
  column: ColumnDefinition,
  source: Source,
  engine: (() => Promise<Engine>) | undefined,
): Promise<string[]> {
  const choices = column.validation?.choices;
  if (choices?.from === "list") return choices.values;
  const place = choices && rangeOf(choices.binding);
  if (place && engine) {
    const cells = await (await engine()).cells(place.sheet, place.top, place.left, place.bottom, place.right);
    return [...new Set(cells.map((cell) => cell.text).filter(Boolean))];
  }
  return occurring(table, column, source);
}

/** The values that occur in a column of text. */
export async function occurring(
  table: TableDefinition,
  column: ColumnDefinition,
  source: Source,
): Promise<string[]> {
  if (column.type.name !== "text") return [];
  const values = await distinct(source, table.id, column.id);
  return (values ?? []).filter((value: Scalar): value is string => typeof value === "string" && value !== "");
}
