// How a screen's components are laid out: what belongs side by side, what is entered and what results.
// Invariant: within a group components keep the maker's order.
import type { CardComponent, ChartComponent, Component, Field, Role, Screen } from "$lib/api/types";
import { mayEdit } from "./access";

/** Components in a row of their own, or cards or charts that share one. */
export type Group =
  | { kind: "cards"; components: CardComponent[] }
  | { kind: "charts"; components: ChartComponent[] }
  | { kind: "single"; components: [Component] };

/** Whether anything on the screen is calculated by the engine. */
export function needsEngine(screen: Screen): boolean {
  const calculated = ["fields", "grid", "card", "chart"];
  return (
    Boolean(screen.visibleWhen) || screen.components.some((component) => calculated.includes(component.type))
  );
}

/** Whether the person enters something in it. */
export function isEntered(component: Component, role: Role): boolean {
  if (component.type === "fields") return component.fields.some((field) => mayEdit(field, role));
  if (component.type === "grid") return component.columns.some((column) => column.mode === "write");
  return component.type === "form";
}

/** Cards and charts that follow one another share a row. */
export function groups(components: readonly Component[]): Group[] {
  const found: Group[] = [];
  for (const component of components) {
    const last = found.at(-1);
    if (component.type === "card") {
      if (last?.kind === "cards") last.components.push(component);
      else found.push({ kind: "cards", components: [component] });
    } else if (component.type === "chart") {
      if (last?.kind === "charts") last.components.push(component);
      else found.push({ kind: "charts", components: [component] });
    } else found.push({ kind: "single", components: [component] });
  }
  return found;
}

/** Whether entries need more room than results: a grid of several columns does. */
export function isBroad(components: readonly Component[]): boolean {
  return components.some((component) => component.type === "grid" && component.columns.length > 3);
}

/** A calculator's two sides: entries, and results beside or beneath them. One side may be empty. */
export function sides(screen: Screen, role: Role): { entered: Component[]; results: Component[] } {
  const entered = screen.components.filter((component) => isEntered(component, role));
  const first = screen.components.findIndex((component) => isEntered(component, role));
  // A text before the first entry introduces it.
  const leading = screen.components.slice(0, Math.max(0, first)).filter(({ type }) => type === "text");
  const left = [...leading, ...entered];
  return { entered: left, results: screen.components.filter((component) => !left.includes(component)) };
}

const SUM =
  /^((grand )?total( amount| price| due| sum)?|(gesamt|brutto|end|rechnungs)?(betrag|summe|preis)|gesamt|brutto)$/i;
const FIGURES = ["number", "integer", "currency", "percent"];

/** The figure to show large: the total where one is called so, else the first. */
export function leadOf(fields: readonly Field[]): Field | undefined {
  const figures = fields.filter((field) => FIGURES.includes(field.kind));
  return figures.findLast((field) => SUM.test(field.label.trim().replace(/:$/, ""))) ?? figures[0];
}
