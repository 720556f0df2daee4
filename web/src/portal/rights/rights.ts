// What is given to whom in an app: the service's words, and what the page makes of them.
// Invariant: what is not said of a table or column is left out, so that a grant says no more than its maker chose.
import { askJson, path } from "$lib/api/http";
import type { AppDefinition } from "$lib/api/types";

export type Level = "none" | "view" | "submit" | "edit" | "administer";
export type RowsOf = { rows: "all" } | { rows: "own"; column: string } | { rows: "where"; filter: string };

export interface TableGrant {
  level?: Level;
  rows?: RowsOf;
  hidden?: string[];
  readOnly?: string[];
}

export interface Grant {
  level: Level;
  tables?: Record<string, TableGrant>;
  actions?: Record<string, boolean>;
}

export type To = "person" | "group" | "members" | "guests";

export interface GrantCard {
  to: To;
  /** An address, or the id of a group. */
  name?: string;
  /** What people call the group. */
  title?: string;
  grant: Grant | null;
}

export const listGrants = (app: string) => askJson<GrantCard[]>("GET", path`/api/apps/${app}/grants`);
export const putGrant = (app: string, { to, name }: GrantCard, grant: Grant | null) =>
  askJson<GrantCard[]>("PUT", path`/api/apps/${app}/grants`, {
    body: { to, ...(name === undefined ? {} : { name }), grant },
  });
/** The tenant's groups; none for those who do not rule over them. */
export const listGroups = (): Promise<{ id: string; name: string }[]> =>
  askJson<{ id: string; name: string }[]>("GET", "/api/groups").catch(() => []);
export const checkRows = async (app: string, table: string, rows: RowsOf, person: string | undefined) => {
  const body = { table, rows, ...(person === undefined ? {} : { person }) };
  return (await askJson<{ rows: number }>("POST", path`/api/apps/${app}/grants/check`, { body })).rows;
};

/** Where somebody's view of an app is opened; nobody's address for a guest's. */
export const seeAsPath = (app: string, address: string) =>
  path`/app/${app}` + `?${new URLSearchParams({ as: address })}`;

/** How a column is to somebody. */
export type ColumnRight = "all" | "readOnly" | "hidden";

export const columnRight = (table: TableGrant, column: string): ColumnRight =>
  table.hidden?.includes(column) ? "hidden" : table.readOnly?.includes(column) ? "readOnly" : "all";

/** The same with a column being this. */
export function withColumn(table: TableGrant, column: string, right: ColumnRight): TableGrant {
  const without = (columns: string[] = []) => columns.filter((one) => one !== column);
  return {
    ...table,
    hidden: [...without(table.hidden), ...(right === "hidden" ? [column] : [])],
    readOnly: [...without(table.readOnly), ...(right === "readOnly" ? [column] : [])],
  };
}

/** Without what says nothing, and without tables, columns and actions that the app no longer has. */
export function tidy(grant: Grant, definition: AppDefinition): Grant {
  const tables: Record<string, TableGrant> = {};
  for (const { id, columns } of definition.tables) {
    const said = grant.tables?.[id];
    if (!said) continue;
    const there = (ids: string[] = []) => ids.filter((one) => columns.some((column) => column.id === one));
    const [hidden, readOnly] = [there(said.hidden), there(said.readOnly)];
    const left: TableGrant = {
      ...(said.level === undefined ? {} : { level: said.level }),
      ...(said.rows === undefined || said.rows.rows === "all" ? {} : { rows: said.rows }),
      ...(hidden.length === 0 ? {} : { hidden }),
      ...(readOnly.length === 0 ? {} : { readOnly }),
    };
    if (Object.keys(left).length > 0) tables[id] = left;
  }
  const ids = (definition.actions ?? []).map((action) => action.id);
  const actions = Object.entries(grant.actions ?? {}).filter(([id]) => ids.includes(id));
  return {
    level: grant.level,
    ...(Object.keys(tables).length === 0 ? {} : { tables }),
    ...(actions.length === 0 ? {} : { actions: Object.fromEntries(actions) }),
  };
}

/** How many tables a grant says something of its own about. */
export const exceptions = (grant: Grant): number => Object.keys(grant.tables ?? {}).length;

/** Columns that can hold addresses. */
export const addressColumns = (definition: AppDefinition, table: string) =>
  (definition.tables.find((one) => one.id === table)?.columns ?? []).filter(
    (column) =>
      column.type.name === "text" &&
      column.kind !== "file" &&
      column.formula === undefined &&
      column.filled === undefined,
  );
