// What can be done to a definition in the editor: each operation gives a new definition and leaves the old one alone.
// Invariant: an operation that does not fit gives the same definition back, so that nothing enters the history.
import type { AppDefinition, Component, Field, Screen, TableDefinition } from "$lib/api/types";
import { prunedActions } from "./actions";
import type { Selection } from "./find";
import { settled } from "./references";

type Lists = "screens" | "components" | "fields";
/** Where something is dropped: into the app, a screen or a section, before the item at `index`. */
export interface Target {
  parent: Selection;
  index: number;
}

const without = <T>(list: readonly T[], index: number): T[] => list.toSpliced(index, 1);
const clamp = (index: number, length: number) => Math.max(0, Math.min(index, length));

function mapScreen(definition: AppDefinition, id: string, change: (screen: Screen) => Screen): AppDefinition {
  const screens = definition.screens.map((screen) => (screen.id === id ? change(screen) : screen));
  return screens.every((screen, index) => screen === definition.screens[index])
    ? definition
    : { ...definition, screens };
}

function mapComponents(
  definition: AppDefinition,
  change: (component: Component) => Component,
): AppDefinition {
  return definition.screens.reduce(
    (all, screen) =>
      mapScreen(all, screen.id, (one) => {
        const components = one.components.map(change);
        return components.every((component, index) => component === one.components[index])
          ? one
          : { ...one, components };
      }),
    definition,
  );
}

/** Changes properties of the app itself; `undefined` removes one. */
export function updateApp(definition: AppDefinition, patch: Partial<AppDefinition>): AppDefinition {
  return patched(definition, patch);
}

/** Changes properties of a screen. */
export function updateScreen(definition: AppDefinition, id: string, patch: Patch<Screen>): AppDefinition {
  return mapScreen(definition, id, (screen) => patched(screen, patch));
}

/** Changes properties of a component; only properties its type has are given. */
export function updateComponent(
  definition: AppDefinition,
  id: string,
  patch: Record<string, unknown>,
): AppDefinition {
  return mapComponents(definition, (component) =>
    component.id === id
      ? (patched(component as unknown as Record<string, unknown>, patch) as unknown as Component)
      : component,
  );
}

/** Changes properties of a field, in a section or on a card. */
export function updateField(definition: AppDefinition, id: string, patch: Patch<Field>): AppDefinition {
  return mapComponents(definition, (component) => {
    if (component.type === "card" && component.field.id === id)
      return { ...component, field: patched(component.field, patch) };
    if (component.type === "fields" && component.fields.some((field) => field.id === id))
      return {
        ...component,
        fields: component.fields.map((field) => (field.id === id ? patched(field, patch) : field)),
      };
    return component;
  });
}

/** Changes properties of a table. */
export function updateTable(
  definition: AppDefinition,
  id: string,
  patch: Patch<TableDefinition>,
): AppDefinition {
  const tables = definition.tables.map((table) => (table.id === id ? patched(table, patch) : table));
  return { ...definition, tables };
}

/** Gives something the name that people read. */
export function rename(definition: AppDefinition, selection: Selection, name: string): AppDefinition {
  switch (selection.kind) {
    case "app":
      return updateApp(definition, { name });
    case "screen":
      return updateScreen(definition, selection.id, { title: name });
    case "field":
      return updateField(definition, selection.id, { label: name });
    case "table":
      return updateTable(definition, selection.id, { title: name });
    case "component":
      return mapComponents(definition, (component) =>
        component.id === selection.id ? titled(component, name) : component,
      );
  }
}

/** Adds a screen at the end of the navigation. */
export function addScreen(definition: AppDefinition, screen: Screen): AppDefinition {
  return { ...definition, screens: [...definition.screens, screen] };
}

/** Adds a component to a screen, at `index` or at the end. */
export function addComponent(
  definition: AppDefinition,
  screen: string,
  component: Component,
  index = Infinity,
): AppDefinition {
  return mapScreen(definition, screen, (one) => ({
    ...one,
    components: one.components.toSpliced(clamp(index, one.components.length), 0, component),
  }));
}

/** Adds a field to a section, at `index` or at the end. */
export function addField(
  definition: AppDefinition,
  section: string,
  field: Field,
  index = Infinity,
): AppDefinition {
  return mapComponents(definition, (component) =>
    component.id === section && component.type === "fields"
      ? { ...component, fields: component.fields.toSpliced(clamp(index, component.fields.length), 0, field) }
      : component,
  );
}

/** Takes something out. An app keeps at least one screen; tables that nothing shows any more go with the last view of them. */
export function remove(definition: AppDefinition, selection: Selection): AppDefinition {
  switch (selection.kind) {
    case "app":
    case "table":
      return definition;
    case "screen":
      if (definition.screens.length < 2) return definition;
      return pruned({
        ...definition,
        screens: definition.screens.filter((screen) => screen.id !== selection.id),
      });
    case "component":
      return pruned({
        ...definition,
        screens: definition.screens.map((screen) => {
          const components = screen.components.filter((component) => component.id !== selection.id);
          return components.length === screen.components.length ? screen : { ...screen, components };
        }),
      });
    case "field": {
      const card = definition.screens
        .flatMap((screen) => screen.components)
        .find((component) => component.type === "card" && component.field.id === selection.id);
      if (card) return remove(definition, { kind: "component", id: card.id });
      return mapComponents(definition, (component) => {
        if (component.type !== "fields") return component;
        const index = component.fields.findIndex((field) => field.id === selection.id);
        return index < 0 ? component : { ...component, fields: without(component.fields, index) };
      });
    }
  }
}

/** Puts something somewhere else; the same definition when it does not fit there. */
export function move(definition: AppDefinition, selection: Selection, target: Target): AppDefinition {
  const from = siblings(definition, selection);
  if (!from) return definition;
  const same = from.parent.kind === target.parent.kind && id(from.parent) === id(target.parent);
  // The index counts with the item still in its old place.
  const index = same && from.index < target.index ? target.index - 1 : target.index;
  if (same && index === from.index) return definition;
  if (selection.kind === "screen" && target.parent.kind === "app") {
    const screen = definition.screens[from.index];
    return screen
      ? { ...definition, screens: without(definition.screens, from.index).toSpliced(index, 0, screen) }
      : definition;
  }
  if (selection.kind === "component" && target.parent.kind === "screen") {
    const component = definition.screens
      .flatMap((screen) => screen.components)
      .find((one) => one.id === selection.id);
    const parent = target.parent.id;
    if (!component || !definition.screens.some((screen) => screen.id === parent)) return definition;
    return addComponent(unpruned(definition, selection.id), parent, component, index);
  }
  if (selection.kind === "field" && target.parent.kind === "component") {
    const parent = target.parent.id;
    const sections = definition.screens
      .flatMap((screen) => screen.components)
      .filter((one) => one.type === "fields");
    const field = sections.flatMap((section) => section.fields).find((one) => one.id === selection.id);
    if (!field || !sections.some((section) => section.id === parent)) return definition;
    return addField(remove(definition, selection), parent, field, index);
  }
  return definition;
}

/** One place up (-1) or down (+1); at the end of its list into the neighbouring one, as dragging could. */
export function moveBy(definition: AppDefinition, selection: Selection, by: -1 | 1): AppDefinition {
  const from = siblings(definition, selection);
  if (!from) return definition;
  const next = from.index + by;
  if (next >= 0 && next < from.length)
    return move(definition, selection, { parent: from.parent, index: by < 0 ? next : next + 1 });
  const parents = parentsOf(definition, selection);
  const neighbour = parents[parents.findIndex((parent) => parent.id === id(from.parent)) + by];
  if (!neighbour || selection.kind === "screen") return definition;
  const kind = selection.kind === "component" ? "screen" : "component";
  return move(definition, selection, {
    parent: { kind, id: neighbour.id },
    index: by < 0 ? neighbour.length : 0,
  });
}

/** What a drag or a move starts from: the list something is in and its place there. */
export function siblings(
  definition: AppDefinition,
  selection: Selection,
): { parent: Selection; index: number; length: number; list: Lists } | undefined {
  if (selection.kind === "screen") {
    const index = definition.screens.findIndex((screen) => screen.id === selection.id);
    return index < 0
      ? undefined
      : { parent: { kind: "app" }, index, length: definition.screens.length, list: "screens" };
  }
  for (const screen of definition.screens) {
    const index = screen.components.findIndex((one) => one.id === selectedId(selection, "component"));
    if (index >= 0)
      return {
        parent: { kind: "screen", id: screen.id },
        index,
        length: screen.components.length,
        list: "components",
      };
    for (const component of screen.components) {
      if (component.type !== "fields") continue;
      const at = component.fields.findIndex((one) => one.id === selectedId(selection, "field"));
      if (at >= 0)
        return {
          parent: { kind: "component", id: component.id },
          index: at,
          length: component.fields.length,
          list: "fields",
        };
    }
  }
  return undefined;
}

type Patch<T> = { [Property in keyof T]?: T[Property] | undefined };

function patched<T extends object>(value: T, patch: Patch<T>): T {
  const next = { ...value, ...patch } as Record<string, unknown>;
  for (const [name, property] of Object.entries(patch)) if (property === undefined) delete next[name];
  return next as T;
}

function titled(component: Component, name: string): Component {
  switch (component.type) {
    case "card":
      return { ...component, field: { ...component.field, label: name } };
    case "text":
      return { ...component, text: name };
    case "form":
      return { ...component, submitLabel: name };
    case "list":
      return component;
    default:
      return { ...component, title: name };
  }
}

const id = (selection: Selection) => (selection.kind === "app" ? "" : selection.id);
const selectedId = (selection: Selection, kind: Selection["kind"]) =>
  selection.kind === kind ? id(selection) : undefined;

function parentsOf(definition: AppDefinition, selection: Selection): { id: string; length: number }[] {
  if (selection.kind === "component")
    return definition.screens.map((screen) => ({ id: screen.id, length: screen.components.length }));
  return definition.screens
    .flatMap((screen) => screen.components)
    .flatMap((one) => (one.type === "fields" ? [{ id: one.id, length: one.fields.length }] : []));
}

function unpruned(definition: AppDefinition, component: string): AppDefinition {
  const screens = definition.screens.map((screen) => ({
    ...screen,
    components: screen.components.filter((one) => one.id !== component),
  }));
  return { ...definition, screens };
}

function pruned(definition: AppDefinition): AppDefinition {
  const shown = new Set<string>();
  for (const component of definition.screens.flatMap((screen) => screen.components)) {
    if (component.type === "list" || component.type === "form") shown.add(component.table);
    if (component.type === "chart")
      for (const binding of [component.categories, ...component.series.map((one) => one.values)])
        if (binding?.kind === "column") shown.add(binding.table);
  }
  // What actions of what is shown change stays too.
  for (const action of definition.actions ?? [])
    if (action.table === undefined || shown.has(action.table))
      for (const step of action.steps) if (step.do !== "set") shown.add(step.table);
  const tables = definition.tables.filter((table) => shown.has(table.id));
  return tables.length === definition.tables.length
    ? definition
    : prunedActions(settled({ ...definition, tables }));
}
