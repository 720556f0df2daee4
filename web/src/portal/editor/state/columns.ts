// Columns of published tables: which of the workbook's they show, and how one is taken out.
// Invariant: a column that is taken out leaves nothing behind that names it, but for the words people wrote.
import type { AppDefinition, Binding, Component, TableDefinition } from "$lib/api/types";
import type { Outline } from "../../workbook";
import { rectangle, type Rectangle } from "./cells";
import { settled } from "./references";

/** Where a table's rows are, with their header. */
export function areaOf(table: TableDefinition, outline: Outline): Rectangle | undefined {
  const { source } = table;
  if (source.from === "range") return rectangle(source.sheet, source.range);
  const found = outline.tables.find((one) => one.name.toLowerCase() === source.name.toLowerCase());
  return found && rectangle(found.sheet, found.range);
}

/** Takes a column out of a table and out of everything that shows it. */
export function removeColumn(definition: AppDefinition, table: string, column: string): AppDefinition {
  const own = definition.tables.find((one) => one.id === table);
  const left = own?.columns.filter((one) => one.id !== column) ?? [];
  const first = left[0];
  // A table keeps one column at least.
  if (!own || !first || left.length === own.columns.length) return definition;
  const { key, ...rest } = own;
  const next: TableDefinition = { ...rest, columns: left, ...(key && key !== column ? { key } : {}) };
  const named = (binding: Binding | undefined) =>
    binding?.kind === "column" && binding.table === table && binding.column === column;
  const but = (columns: readonly string[]) => columns.filter((one) => one !== column);

  function shown(component: Component): Component | undefined {
    if (component.type === "form" && component.table === table)
      return { ...component, columns: but(component.columns) };
    if (component.type === "list" && component.table === table) {
      const { sort, ...list } = component;
      return {
        ...list,
        titleColumn: list.titleColumn === column ? first!.id : list.titleColumn,
        columns: but(list.columns),
        filters: but(list.filters),
        search: but(list.search),
        detail: but(list.detail),
        ...(sort && sort.column !== column ? { sort } : {}),
      };
    }
    if (component.type !== "chart") return component;
    const series = component.series.filter((one) => !named(one.values));
    // Without its categories or its last series there is no chart.
    if (named(component.categories) || series.length === 0) return undefined;
    return series.length === component.series.length ? component : { ...component, series };
  }
  return settled({
    ...definition,
    tables: definition.tables.map((one) => (one === own ? next : one)),
    screens: definition.screens.map((screen) => ({
      ...screen,
      components: screen.components.map(shown).filter((component) => component !== undefined),
    })),
  });
}
