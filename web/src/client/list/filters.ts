// What a person filters by, and how it becomes part of the question.
import type { ColumnDefinition, RowsFilter, Scalar } from "$lib/api/types";

/** How a column is filtered. */
export type FilterKind = "choice" | "boolean" | "range" | "row" | "none";

export interface Chosen {
  /** Exactly this value; `null` means blank. */
  is?: Scalar;
  /** From here, ends included. */
  from?: Scalar;
  to?: Scalar;
}

/** Chosen conditions by column id. */
export type Filters = Readonly<Record<string, Chosen>>;

/** `refers`: it shows names of rows, among which people choose. */
export function filterKind(column: ColumnDefinition, refers = false): FilterKind {
  if (refers) return "row";
  switch (column.type.name) {
    case "boolean":
      return "boolean";
    // Nobody knows a row by these, nor writes them out.
    case "guid":
    case "duration":
    case "binary":
      return "none";
    case "text":
      return column.kind === "longText" ? "none" : "choice";
    default:
      return column.kind === "choice" ? "choice" : "range";
  }
}

/** Whether anything is chosen. */
export function isSet(chosen: Chosen | undefined): boolean {
  if (!chosen) return false;
  return chosen.is !== undefined || (chosen.from ?? null) !== null || (chosen.to ?? null) !== null;
}

/** The conditions of a question. */
export function conditions(filters: Filters): RowsFilter[] {
  return Object.entries(filters).flatMap(([column, chosen]) => {
    const found: RowsFilter[] = [];
    if (chosen.is !== undefined) found.push({ column, operator: "eq", value: chosen.is });
    if ((chosen.from ?? null) !== null) found.push({ column, operator: "ge", value: chosen.from! });
    if ((chosen.to ?? null) !== null) found.push({ column, operator: "le", value: chosen.to! });
    return found;
  });
}
