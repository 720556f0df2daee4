// Actions of a definition: made, changed, removed, and which problem is about which part of one.
// Invariant: an action keeps its id, by which programs call it; what is made here has ids that are free.
import type {
  ActionDefinition,
  ActionParameter,
  ActionStep,
  AppDefinition,
  ColumnType,
  FieldKind,
  TableDefinition,
  ValueSource,
} from "$lib/api/types";
import { isEntered } from "$lib/values/entered";
import { plainId } from "./find";

export type Patch<T> = { [Name in keyof T]?: T[Name] | undefined };

/** How a parameter of this kind is kept. */
const TYPES: Readonly<Record<FieldKind, ColumnType>> = {
  number: { name: "double" },
  integer: { name: "integer" },
  currency: { name: "decimal", scale: 2 },
  percent: { name: "double" },
  text: { name: "text" },
  longText: { name: "text" },
  boolean: { name: "boolean" },
  date: { name: "date" },
  time: { name: "time" },
  dateTime: { name: "dateTime" },
  /** No parameter is one. */
  file: { name: "text" },
  choice: { name: "text" },
};

export const typeOf = (kind: FieldKind): ColumnType => TYPES[kind];

/** The actions called on rows of a table, or on none, with their places in the definition. */
export function actionsOf(
  definition: AppDefinition,
  table: string | undefined,
): { action: ActionDefinition; index: number }[] {
  return (definition.actions ?? [])
    .map((action, index) => ({ action, index }))
    .filter(({ action }) => action.table === table);
}

/** With a new action on a table's rows, which sets its first column that can be set, or on none, which adds a row to the first. */
export function addAction(
  definition: AppDefinition,
  table: TableDefinition | undefined,
  title: string,
): AppDefinition {
  const first = table ?? definition.tables[0];
  if (!first) return definition;
  const actions = definition.actions ?? [];
  const id = free(plainId(title), new Set(actions.map((one) => one.id)));
  const action: ActionDefinition = {
    id,
    title,
    ...(table ? { table: table.id } : {}),
    steps: [newStep(table ? "set" : "insert", first)],
    access: ["member"],
  };
  return { ...definition, actions: [...actions, action] };
}

export function updateAction(
  definition: AppDefinition,
  id: string,
  patch: Patch<ActionDefinition>,
): AppDefinition {
  const actions = (definition.actions ?? []).map((one) => (one.id === id ? patched(one, patch) : one));
  return { ...definition, actions };
}

export function removeAction(definition: AppDefinition, id: string): AppDefinition {
  return withActions(
    definition,
    (definition.actions ?? []).filter((one) => one.id !== id),
  );
}

/** A parameter whose name in formulas is free and no address of a cell. */
export function newParameter(action: ActionDefinition, title: string): ActionParameter {
  const taken = new Set((action.parameters ?? []).map((one) => one.id));
  let base = plainId(title);
  if (/^[a-z]{1,3}\d+$/.test(base) || ["true", "false", "r", "c"].includes(base)) base = `${base}_value`;
  return { id: free(base, taken), title, type: typeOf("text"), kind: "text" };
}

/** A step of a kind; what fits of the one before is kept. */
export function newStep(kind: ActionStep["do"], table: TableDefinition, before?: ActionStep): ActionStep {
  const of = before && before.do !== "set" ? before.table : table.id;
  const values = before && before.do !== "delete" ? before.values : firstValue(table);
  const key = table.key ?? table.columns[0]?.id ?? "";
  const where =
    before && (before.do === "update" || before.do === "delete") && before.where?.length
      ? before.where
      : [{ column: key, comparison: "equals" as const, value: { value: null } }];
  switch (kind) {
    case "set":
      return { do: kind, values };
    case "insert":
      return { do: kind, table: of, values };
    case "update":
      return { do: kind, table: of, where, values };
    case "delete":
      return { do: kind, table: of, where };
  }
}

/** The columns a step may give values to. */
export const settable = (table: TableDefinition | undefined) => (table?.columns ?? []).filter(isEntered);

function firstValue(table: TableDefinition): Record<string, ValueSource> {
  const first = settable(table).find((column) => column.id !== table.key) ?? settable(table)[0];
  return first ? { [first.id]: { value: null } } : {};
}

/** Without what no longer has its table: actions on its rows, and steps that change it. */
export function prunedActions(definition: AppDefinition): AppDefinition {
  const tables = new Set(definition.tables.map((table) => table.id));
  const kept = (definition.actions ?? [])
    .filter((action) => action.table === undefined || tables.has(action.table))
    .map((action) => {
      const steps = action.steps.filter((step) => step.do === "set" || tables.has(step.table));
      return steps.length === action.steps.length ? action : { ...action, steps };
    });
  return withActions(definition, kept);
}

function withActions(definition: AppDefinition, actions: ActionDefinition[]): AppDefinition {
  const { actions: before, ...rest } = definition;
  if (actions.length === (before ?? []).length && actions.every((one, index) => one === before?.[index]))
    return definition;
  return actions.length > 0 ? { ...rest, actions } : rest;
}

function free(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let count = 2; ; count++) if (!taken.has(`${base}_${count}`)) return `${base}_${count}`;
}

export function patched<T extends object>(value: T, patch: Patch<T>): T {
  const next = { ...value, ...patch } as Record<string, unknown>;
  for (const [name, property] of Object.entries(patch)) if (property === undefined) delete next[name];
  return next as T;
}
