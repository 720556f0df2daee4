// What a list asks for, in terms of what it shows: where a column shows the names of rows it refers to, people search and
// sort by these names.
// Invariant: a column whose rows somebody may not see is searched and sorted by its own values, as it is shown to them.
import type {
  AppDefinition,
  ColumnDefinition,
  ListComponent,
  Role,
  Sort,
  TableDefinition,
} from "$lib/api/types";
import { referredBy } from "../data/referred";

/** The path to what a column shows in place of its values; nothing where it shows these. */
export function shownPath(
  definition: AppDefinition,
  column: ColumnDefinition,
  role: Role,
): string | undefined {
  const referred = referredBy(definition, column, role);
  return referred && referred.title.id !== referred.key.id ? `${column.id}/${referred.title.id}` : undefined;
}

/** Where words are looked for: in the list's own columns, and in the names that it shows. */
export function searched(
  definition: AppDefinition,
  table: TableDefinition,
  component: ListComponent,
  role: Role,
): string[] {
  const texts = table.columns.filter(({ type }) => type.name === "text").map(({ id }) => id);
  const own = component.search.length ? component.search : texts;
  const shown = new Set([component.titleColumn, ...component.columns, ...own]);
  const named = table.columns
    .filter(({ id }) => shown.has(id))
    .map((column) => shownPath(definition, column, role));
  return [...own, ...named.filter((path) => path !== undefined)];
}

/** An order as people see it. */
export function sorted(
  definition: AppDefinition,
  table: TableDefinition,
  sort: Sort | undefined,
  role: Role,
): Sort | undefined {
  const column = table.columns.find(({ id }) => id === sort?.column);
  const path = column && shownPath(definition, column, role);
  return sort && { column: path ?? sort.column, descending: sort.descending ?? false };
}
