// New screens, components and fields, with the best guess that a cell and its neighbours allow.
// Invariant: what is made here is valid by itself; ids are fresh in the definition it is made for.
import type {
  AppDefinition,
  Access,
  ColumnDefinition,
  Component,
  Field,
  FieldKind,
  Screen,
  TableDefinition,
} from "$lib/api/types";
import { isEntered } from "$lib/values/entered";
import type { SheetCell } from "../../workbook";
import { address } from "./cells";
import { freshId } from "./find";
import { closed, refer } from "./references";

/** What a screen is for. */
export type ScreenKind = Screen["kind"];

const everyone = (): Access => ({ see: ["guest", "member"], edit: ["guest", "member"] });
const ICONS: Record<ScreenKind, string> = {
  calculator: "calculator",
  list: "list",
  form: "form",
  dashboard: "chart",
};

/** An empty screen. */
export function blankScreen(definition: AppDefinition, kind: ScreenKind, title: string): Screen {
  return {
    id: freshId(definition, title),
    title,
    icon: ICONS[kind],
    kind,
    components: [],
    access: everyone(),
  };
}

/** An empty component; `table` is what a list or a form shows. */
export function blankComponent(
  definition: AppDefinition,
  type: "fields" | "text" | "list" | "form",
  title: string,
  table?: TableDefinition,
): Component | undefined {
  const id = freshId(definition, title);
  switch (type) {
    case "fields":
      return { type, id, title, fields: [] };
    case "text":
      return { type, id, text: title };
    case "form": {
      if (!table) return undefined;
      const columns = table.columns.filter(isEntered).map((column) => column.id);
      return { type, id, table: table.id, columns };
    }
    case "list": {
      if (!table) return undefined;
      const all = table.columns.map((column) => column.id);
      const texts = table.columns.filter((column) => column.type.name === "text").map((column) => column.id);
      const titleColumn = table.key ?? texts[0] ?? all[0];
      if (titleColumn === undefined) return undefined;
      const columns = all.filter((column) => column !== titleColumn).slice(0, 3);
      return { type, id, table: table.id, titleColumn, columns, filters: [], search: texts, detail: all };
    }
  }
}

/** A field for a cell: the label from the text left of it or above it, the kind from how its value looks. */
export function fieldFor(
  definition: AppDefinition,
  sheet: string,
  cell: SheetCell,
  neighbours: readonly SheetCell[],
  mode: "read" | "write",
): Field {
  const at = address(cell.row, cell.column);
  const label = labelOf(cell, neighbours);
  const { kind, unit } = guess(cell);
  return {
    id: freshId(definition, label ?? at),
    label: label ?? `${sheet} ${at}`,
    binding: { kind: "cell", sheet, cell: at, ...(label !== undefined && { label }) },
    kind,
    ...(unit !== undefined && { unit }),
    mode,
    access: everyone(),
  };
}

/** The words beside a cell: the nearest text to the left in its row, else directly above. */
export function labelOf(cell: SheetCell, neighbours: readonly SheetCell[]): string | undefined {
  const words = (other: SheetCell) =>
    other.kind === "text" && other.formula === undefined && other.text.trim() !== "";
  const left = neighbours
    .filter((other) => other.row === cell.row && other.column < cell.column && words(other))
    .sort((a, b) => b.column - a.column)[0];
  const above = neighbours.find(
    (other) => other.row === cell.row - 1 && other.column === cell.column && words(other),
  );
  const text = (left ?? above)?.text.trim().replace(/\s*:$/, "");
  return text === undefined || text === "" ? undefined : text.slice(0, 80);
}

const CURRENCIES: Readonly<Record<string, string>> = {
  "€": "EUR",
  $: "USD",
  "£": "GBP",
  "¥": "JPY",
  CHF: "CHF",
  EUR: "EUR",
  USD: "USD",
};

function guess(cell: SheetCell): { kind: FieldKind; unit?: string } {
  const text = cell.text.trim();
  if (cell.kind === "boolean") return { kind: "boolean" };
  if (cell.kind === "text") return { kind: "text" };
  if (cell.kind !== "number") return { kind: cell.formula === undefined ? "text" : "number" };
  if (text.endsWith("%")) return { kind: "percent" };
  const currency = /€|\$|£|¥|CHF|EUR|USD/.exec(text)?.[0];
  if (currency !== undefined) return { kind: "currency", unit: CURRENCIES[currency] ?? currency };
  if (/^\d{4}-\d{2}-\d{2}$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/.test(text)) return { kind: "date" };
  if (/^\d{1,2}:\d{2}(:\d{2})?( [AP]M)?$/i.test(text)) return { kind: "time" };
  return { kind: "number" };
}

/** Takes a screen of another suggestion over, with the tables it shows, under ids that are free here. */
export function adopt(definition: AppDefinition, from: AppDefinition, screenId: string): AppDefinition {
  const source = from.screens.find((screen) => screen.id === screenId);
  if (!source) return definition;
  let next = definition;
  const tables = new Map<string, string>();
  const added = new Set<string>();
  const used = new Set([...JSON.stringify(source).matchAll(/"table":"([^"]+)"/g)].map((match) => match[1]));
  for (const table of from.tables.filter((one) => used.has(one.id))) {
    const same = next.tables.find((one) => JSON.stringify(one.source) === JSON.stringify(table.source));
    if (same && table.columns.every((column) => same.columns.some((one) => one.id === column.id))) {
      tables.set(table.id, same.id);
      continue;
    }
    const id = freshId(next, table.id);
    tables.set(table.id, id);
    next = { ...next, tables: [...next.tables, { ...table, id }] };
    added.add(id);
  }
  // What came along refers to what came along.
  const follow = (column: ColumnDefinition) => {
    const table = column.refers && tables.get(column.refers.table);
    const refers = column.refers && table ? { ...column.refers, table } : undefined;
    return column.refers ? refer(column, refers, closed(column)) : column;
  };
  next = {
    ...next,
    tables: next.tables.map((one) =>
      added.has(one.id) ? { ...one, columns: one.columns.map(follow) } : one,
    ),
  };
  const screen = renumbered(next, source, tables);
  return { ...next, screens: [...next.screens, screen] };
}

function renumbered(definition: AppDefinition, source: Screen, tables: Map<string, string>): Screen {
  const taken: AppDefinition = { ...definition, screens: [...definition.screens] };
  const fresh = (old: string) => {
    const id = freshId(taken, old);
    // Remembered by an empty screen of that id, so that the next one differs.
    taken.screens.push({ ...source, id, components: [] });
    return id;
  };
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, property]) => [
        name,
        name === "table" && typeof property === "string"
          ? (tables.get(property) ?? property)
          : renamed(property),
      ]),
    );
  };
  const field = (one: Field): Field => ({ ...one, id: fresh(one.id) });
  const components = source.components.map((component): Component => {
    const copy = { ...(renamed(component) as Component), id: fresh(component.id) };
    if (copy.type === "fields") return { ...copy, fields: copy.fields.map(field) };
    return copy.type === "card" ? { ...copy, field: field(copy.field) } : copy;
  });
  return { ...source, id: fresh(source.id), components };
}
