// Which columns people fill in.
import type { ColumnDefinition } from "$lib/api/types";

/** Whether a column's values are entered; others are calculated, or filled by the app. */
export const isEntered = (column: ColumnDefinition): boolean =>
  column.formula === undefined && column.filled === undefined && column.readOnly !== true;
