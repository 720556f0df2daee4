// The outline as rows, and where something may be dropped.
import type { AppDefinition, Component } from "$lib/api/types";
import { key, type Selection } from "../state/find";
import { siblings, type Target } from "../state/operations";

export interface OutlineRow {
  key: string;
  selection: Selection;
  /** 0 screens, 1 components, 2 fields. */
  depth: 0 | 1 | 2;
  label: string;
  icon: { screen: string } | { component: Component["type"] } | { field: "read" | "write" };
}

/** Screens, components and fields, top to bottom. */
export function rowsOf(definition: AppDefinition): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const push = (selection: Selection, depth: OutlineRow["depth"], label: string, icon: OutlineRow["icon"]) =>
    rows.push({ key: key(selection), selection, depth, label, icon });
  for (const screen of definition.screens) {
    push({ kind: "screen", id: screen.id }, 0, screen.title, { screen: screen.icon });
    for (const component of screen.components) {
      const label = labelOf(definition, component);
      push({ kind: "component", id: component.id }, 1, label, { component: component.type });
      if (component.type !== "fields") continue;
      for (const field of component.fields)
        push({ kind: "field", id: field.id }, 2, field.label, { field: field.mode });
    }
  }
  return rows;
}

function labelOf(definition: AppDefinition, component: Component): string {
  switch (component.type) {
    case "card":
      return component.field.label;
    case "list":
    case "form":
      return definition.tables.find((table) => table.id === component.table)?.title ?? component.table;
    case "text":
      return component.text.slice(0, 60);
    default:
      return component.title;
  }
}

/** Whether a row stands for what is selected; a card's row also for the field on it. */
export function isCurrent(definition: AppDefinition, row: OutlineRow, selection: Selection): boolean {
  if (row.key === key(selection)) return true;
  if (selection.kind !== "field" || row.selection.kind !== "component") return false;
  const id = row.selection.id;
  const component = definition.screens.flatMap((screen) => screen.components).find((one) => one.id === id);
  return component?.type === "card" && component.field.id === selection.id;
}

/** Where something dragged goes when dropped on a row's upper or lower half; undefined where it does not fit. */
export function dropTarget(
  definition: AppDefinition,
  dragged: Selection,
  over: Selection,
  after: boolean,
): Target | undefined {
  const place = siblings(definition, over);
  if (!place) return undefined;
  if (dragged.kind === over.kind) return { parent: place.parent, index: place.index + (after ? 1 : 0) };
  if (dragged.kind === "screen") {
    const index = definition.screens.findIndex((screen) => holds(screen.components, over));
    return index < 0 ? undefined : { parent: { kind: "app" }, index: index + 1 };
  }
  if (dragged.kind === "component") {
    if (over.kind === "screen") return { parent: over, index: 0 };
    const section = siblings(definition, place.parent);
    return over.kind === "field" && section
      ? { parent: section.parent, index: section.index + 1 }
      : undefined;
  }
  if (dragged.kind === "field" && over.kind === "component") {
    const component = definition.screens
      .flatMap((screen) => screen.components)
      .find((one) => one.id === over.id);
    return component?.type === "fields" ? { parent: over, index: 0 } : undefined;
  }
  return undefined;
}

function holds(components: readonly Component[], selection: Selection): boolean {
  if (selection.kind === "app") return false;
  return components.some(
    (component) =>
      (selection.kind === "component" && component.id === selection.id) ||
      (selection.kind === "field" &&
        component.type === "fields" &&
        component.fields.some((field) => field.id === selection.id)),
  );
}
