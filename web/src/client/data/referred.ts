// Rows that a column's values stand for: found by their key, searched by what people call them.
import type {
  AppDefinition,
  ColumnDefinition,
  ListComponent,
  Role,
  RowArray,
  RowsRequest,
  Scalar,
  Screen,
  TableDefinition,
} from "$lib/api/types";
import { mayRows, maySee } from "../access";
import { show } from "../list/values";
import type { Source } from "./source";

/** What a column refers to, for somebody who may see it. */
export interface Referred {
  table: TableDefinition;
  /** The column with the values. */
  key: ColumnDefinition;
  /** The column that names a row for people; may be the key. */
  title: ColumnDefinition;
}

/** What is offered at a time. */
const OFFERED = 20;

/** What a column refers to; nothing when the person may not see those rows. */
export function referredBy(
  definition: AppDefinition,
  column: ColumnDefinition,
  role: Role,
): Referred | undefined {
  const { refers } = column;
  const table = refers && definition.tables.find((one) => one.id === refers.table);
  const key = table?.columns.find((one) => one.id === refers?.column);
  const named = key && ["text", "integer"].includes(key.type.name);
  if (!table || !key || !named || !mayRows(table, "see", role)) return undefined;
  return { table, key, title: titleColumn(definition, table) ?? key };
}

/** The list's title, else the first text that is no key. */
function titleColumn(definition: AppDefinition, table: TableDefinition): ColumnDefinition | undefined {
  const listed = listOf(definition.screens, table.id)?.list.titleColumn;
  const text = (column: ColumnDefinition) => column.type.name === "text" && column.id !== table.key;
  return table.columns.find((column) => column.id === listed) ?? table.columns.find(text);
}

/** The first list of a table's rows on these screens. */
export function listOf(
  screens: readonly Screen[],
  table: string,
): { screen: Screen; list: ListComponent } | undefined {
  for (const screen of screens)
    for (const list of screen.components)
      if (list.type === "list" && list.table === table) return { screen, list };
  return undefined;
}

/** The first list of a table's rows that this role may open. */
export function openList(definition: AppDefinition, table: string, role: Role): Screen | undefined {
  return listOf(
    definition.screens.filter((screen) => maySee(screen.access, role)),
    table,
  )?.screen;
}

/** What a row holds in a column. */
export const held = ({ table }: Referred, column: ColumnDefinition, row: RowArray): Scalar =>
  (row[table.columns.indexOf(column) + 2] as Scalar | undefined) ?? null;

/** What people call a row. */
export function nameOf(referred: Referred, row: RowArray): string {
  const { title, key } = referred;
  return show(title, held(referred, title, row)) || show(key, held(referred, key, row));
}

/** The row with this key, if there is one. */
export async function findReferred(
  source: Source,
  { table, key }: Referred,
  value: Scalar,
): Promise<RowArray | undefined> {
  const wanted = { column: key.id, operator: "eq" as const, value };
  // Text in a column of numbers is no key.
  if (value === null || (key.type.name === "integer") !== (typeof value === "number")) return undefined;
  return (await source.rows(table.id, { filters: [wanted], limit: 1 })).rows[0];
}

/** The rows with these keys, each of which one row has. */
export async function findAll(
  source: Source,
  { table, key }: Referred,
  values: readonly Scalar[],
): Promise<RowArray[]> {
  const limit = 1000;
  const keys = values.filter((value) => (key.type.name === "integer") === (typeof value === "number"));
  const found: RowArray[] = [];
  for (let from = 0; from < keys.length; from += limit) {
    const value = keys.slice(from, from + limit);
    const wanted = { column: key.id, operator: "eq" as const, value };
    found.push(...(await source.rows(table.id, { filters: [wanted], limit })).rows);
  }
  return found;
}

/** The rows to offer for what was typed, by name. */
export async function search(
  source: Source,
  referred: Referred,
  typed: string,
  signal?: AbortSignal,
): Promise<RowArray[]> {
  const { table, key, title } = referred;
  const text = typed.trim();
  const columns = [...new Set([title, key])].filter((column) => column.type.name === "text");
  const request: RowsRequest = { sort: { column: title.id }, limit: OFFERED };
  const found =
    text && columns.length === 0
      ? []
      : (
          await source.rows(
            table.id,
            text ? { ...request, search: text, searchColumns: columns.map((column) => column.id) } : request,
            signal,
          )
        ).rows;
  const number = key.type.name === "integer" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  const exact = number === undefined ? undefined : await findReferred(source, referred, number);
  return exact ? [exact, ...found.filter((row) => row[0] !== exact[0])] : found;
}

/** The one row that is called exactly so, or has exactly this key. */
export function exactly(referred: Referred, rows: readonly RowArray[], typed: string): RowArray | undefined {
  const text = typed.trim().toLowerCase();
  const same = (value: Scalar) => value !== null && String(value).toLowerCase() === text;
  const keyed = rows.filter((row) => same(held(referred, referred.key, row)));
  const named = rows.filter((row) => nameOf(referred, row).toLowerCase() === text);
  const found = keyed.length > 0 ? keyed : named;
  return text && found.length === 1 ? found[0] : undefined;
}
