// Where things are in a definition: what is selected, and which path or id means what.
// Invariant: a selection is an id, never an index, so that it survives reordering and undo.
import type { AppDefinition, Component, Field, Screen, TableDefinition } from "$lib/api/types";

export type Selection =
  | { kind: "app" }
  | { kind: "screen"; id: string }
  | { kind: "component"; id: string }
  | { kind: "field"; id: string }
  | { kind: "table"; id: string };

export const app: Selection = { kind: "app" };

/** A text that is the same for the same selection. */
export function key(selection: Selection): string {
  return selection.kind === "app" ? "app" : `${selection.kind}:${selection.id}`;
}

/** What holds a selected component or field, with its place in there. */
export interface Place {
  screen: Screen;
  component?: Component;
  field?: Field;
}

/** The fields of a component. */
export function fieldsOf(component: Component): readonly Field[] {
  if (component.type === "fields") return component.fields;
  return component.type === "card" ? [component.field] : [];
}

/** The screen, component and field a selection is in. */
export function place(definition: AppDefinition, selection: Selection): Place | undefined {
  if (selection.kind === "app" || selection.kind === "table") return undefined;
  for (const screen of definition.screens) {
    if (selection.kind === "screen") {
      if (screen.id === selection.id) return { screen };
      continue;
    }
    for (const component of screen.components) {
      if (selection.kind === "component" && component.id === selection.id) return { screen, component };
      if (selection.kind === "field") {
        const field = fieldsOf(component).find((one) => one.id === selection.id);
        if (field) return { screen, component, field };
      }
    }
  }
  return undefined;
}

/** The table a selection means. */
export function table(definition: AppDefinition, selection: Selection): TableDefinition | undefined {
  return selection.kind === "table" ? definition.tables.find((one) => one.id === selection.id) : undefined;
}

/** Whether what is selected is (still) there. */
export function exists(definition: AppDefinition, selection: Selection): boolean {
  if (selection.kind === "app") return true;
  return (
    (selection.kind === "table" ? table(definition, selection) : place(definition, selection)) !== undefined
  );
}

/** What an id means that the client says somebody touched: a field, a component or a screen. */
export function byId(definition: AppDefinition, id: string): Selection | undefined {
  const kinds = ["field", "component", "screen"] as const;
  return kinds.map((kind) => ({ kind, id })).find((selection) => exists(definition, selection));
}

/** The id that the client highlights for a selection. */
export function previewId(definition: AppDefinition, selection: Selection): string | undefined {
  if (selection.kind === "app") return undefined;
  if (selection.kind !== "table") return selection.id;
  const shows = (component: Component) => "table" in component && component.table === selection.id;
  return definition.screens.flatMap((screen) => screen.components).find(shows)?.id;
}

/** What a problem's path (`screens/0/components/1/fields/2/choices`) is about: the innermost thing with an id. */
export function atPath(definition: AppDefinition, path: string): Selection {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts[0] === "tables") {
    const found = definition.tables[Number(parts[1])];
    return found ? { kind: "table", id: found.id } : app;
  }
  if (parts[0] === "actions") {
    const found = definition.actions?.[Number(parts[1])]?.table;
    return found === undefined ? app : { kind: "table", id: found };
  }
  const screen = parts[0] === "screens" ? definition.screens[Number(parts[1])] : undefined;
  if (!screen) return app;
  const component = parts[2] === "components" ? screen.components[Number(parts[3])] : undefined;
  if (!component) return { kind: "screen", id: screen.id };
  const field = fieldsOf(component)[parts[4] === "fields" ? Number(parts[5]) : parts[4] === "field" ? 0 : -1];
  return field ? { kind: "field", id: field.id } : { kind: "component", id: component.id };
}

/** All ids of screens, components, fields and tables. */
export function ids(definition: AppDefinition): Set<string> {
  const found = new Set(definition.tables.map((one) => one.id));
  for (const screen of definition.screens) {
    found.add(screen.id);
    for (const component of screen.components) {
      found.add(component.id);
      for (const field of fieldsOf(component)) found.add(field.id);
    }
  }
  return found;
}

/** An id that nothing has yet, made from words: lower-case letters, digits and `_`, a letter first. */
export function freshId(definition: AppDefinition, words: string): string {
  const taken = ids(definition);
  const base = plainId(words);
  if (!taken.has(base)) return base;
  for (let count = 2; ; count++) if (!taken.has(`${base}_${count}`)) return `${base}_${count}`;
}

/** An id made from words, free or not. */
export function plainId(words: string): string {
  const plain = words
    .toLowerCase()
    .replace(/ä/g, "ae")
    .replace(/ö/g, "oe")
    .replace(/ü/g, "ue")
    .replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 32);
  return plain || "item";
}
