// Columns of files: one is added beside those of the workbook, or takes the place of one that was text.
// Invariant: a file is no value: nothing that orders, finds or names rows by a column keeps one of files.
import type { AppDefinition, ColumnDefinition, Component, FieldKind, TableDefinition } from "$lib/api/types";

/** Adds a column of photos to a table, and to the forms and details of its rows. */
export function addFiles(definition: AppDefinition, table: string, title: string): AppDefinition {
  const own = definition.tables.find((one) => one.id === table);
  if (!own) return definition;
  const column: ColumnDefinition = {
    id: free(own, "photo"),
    title: freeTitle(own, title),
    offset: 0,
    type: { name: "text" },
    kind: "file",
    validation: { pictures: true },
  };
  return {
    ...definition,
    tables: definition.tables.map((one) =>
      one === own ? { ...one, columns: [...one.columns, column] } : one,
    ),
    screens: components(definition, (component) => {
      if (component.type === "form" && component.table === table)
        return { ...component, columns: [...component.columns, column.id] };
      if (component.type !== "list" || component.table !== table) return component;
      return {
        ...component,
        columns: [...component.columns, column.id],
        // An empty detail shows everything.
        detail: component.detail.length ? [...component.detail, column.id] : [],
      };
    }),
  };
}

/** Gives a column another kind; of one that becomes one of files only what files have stays. */
export function withKind(
  definition: AppDefinition,
  table: string,
  column: string,
  kind: FieldKind,
): AppDefinition {
  const own = definition.tables.find((one) => one.id === table);
  const old = own?.columns.find((one) => one.id === column);
  if (!own || !old) return definition;
  const becomes = kind === "file" && old.kind !== "file";
  const ceases = kind !== "file" && old.kind === "file";
  let next: ColumnDefinition = { ...old, kind };
  if (becomes || ceases) {
    const { id, title, offset, type, validation } = old;
    next = {
      id,
      title,
      offset,
      type,
      kind,
      ...(validation?.required ? { validation: { required: true } } : {}),
    };
  }
  const columns = own.columns.map((one) => (one === old ? next : one));
  const first = columns.find((one) => one.kind !== "file");
  const { key, ...rest } = own;
  const changed: TableDefinition = {
    ...rest,
    columns,
    ...(key && !(becomes && key === column) ? { key } : {}),
  };
  return {
    ...definition,
    tables: definition.tables.map((one) => (one === own ? changed : one)),
    screens: components(definition, (component) => {
      if (!becomes || component.type !== "list" || component.table !== table) return component;
      const { sort, ...list } = component;
      const but = (ids: readonly string[]) => ids.filter((id) => id !== column);
      return {
        ...list,
        titleColumn: list.titleColumn === column ? (first?.id ?? column) : list.titleColumn,
        filters: but(list.filters),
        search: but(list.search),
        ...(sort && sort.column !== column ? { sort } : {}),
      };
    }),
  };
}

const components = (definition: AppDefinition, change: (component: Component) => Component) =>
  definition.screens.map((screen) => ({ ...screen, components: screen.components.map(change) }));

function free(table: TableDefinition, id: string): string {
  const taken = new Set(table.columns.map((one) => one.id));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? id : `${id}_${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function freeTitle(table: TableDefinition, title: string): string {
  const taken = new Set(table.columns.map((one) => one.title.toLowerCase()));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? title : `${title} ${number}`;
    if (!taken.has(candidate.toLowerCase())) return candidate;
  }
}
