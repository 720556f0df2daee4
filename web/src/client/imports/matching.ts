// Which column of a file goes into which of the table.
// Invariant: a column of the table is filled by one of the file at most; whoever gives it to another one takes it from the first.
import type { ImportPreview } from "$lib/api/imports";
import type { ColumnDefinition, TableDefinition } from "$lib/api/types";
import { isEntered } from "$lib/values/entered";

/** Ids of the table's columns by the file's, in its order; empty for one that is left out. */
export type Matching = readonly string[];

/** The columns that a file can fill: photos and files are sent one by one. */
export const fillable = (table: TableDefinition): ColumnDefinition[] =>
  table.columns.filter((column) => isEntered(column) && column.kind !== "file");

/** As the server found them, by their names. */
export const found = (preview: ImportPreview): Matching => preview.columns.map(({ column }) => column ?? "");

/** The same with another column for the file's one at `place`. */
export const chosen = (matching: Matching, place: number, column: string): Matching =>
  matching.map((id, index) => (index === place ? column : column && id === column ? "" : id));

/** What has to be filled and is not. */
export const missing = (table: TableDefinition, matching: Matching): ColumnDefinition[] =>
  fillable(table).filter(
    ({ id, validation }) => (validation?.required || id === table.key) && !matching.includes(id),
  );

/** Whether two files name the same columns in the same order. */
export const sameHeads = (one: ImportPreview, other: ImportPreview): boolean =>
  one.columns.map(({ name }) => name).join("\n") === other.columns.map(({ name }) => name).join("\n");
