// Gates that tables and actions name.
import type { TableDefinition } from "$lib/api/types";

const AMOUNTS = ["currency", "number", "integer"];

/** A column by the name that conditions know it by, for an example: one whose values can be compared with an amount. */
export function figure(table: TableDefinition | undefined): string {
  const columns = table?.columns ?? [];
  const byKind = AMOUNTS.map((kind) => columns.find((column) => column.kind === kind));
  return propertyName((byKind.find((column) => column) ?? columns[0])?.id ?? "amount");
}

/** As crates/odata/src/project/names.rs: `unit_price` is `UnitPrice`. */
export const propertyName = (id: string): string =>
  id
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
