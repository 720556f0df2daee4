// A small honest picture of an app's first screen, drawn from its definition: real titles and labels, no invented values.
// Invariant: everything lies within the screen; what does not fit is left out, as on a phone before scrolling.
import type { AppDefinition, ChartKind, Component } from "$lib/api/types";

export const WIDTH = 180;
export const HEIGHT = 220;
const LEFT = 12;
const RIGHT = WIDTH - 12;
const BOTTOM = HEIGHT - 8;

export type Shape =
  | { shape: "text"; x: number; y: number; text: string; look: "title" | "heading" | "label"; end?: boolean }
  | {
      shape: "box";
      x: number;
      y: number;
      width: number;
      height: number;
      look: "input" | "card" | "button" | "value" | "figure";
    }
  | { shape: "line"; y: number }
  | { shape: "chart"; kind: ChartKind; y: number; height: number };

/** The picture's parts, top to bottom. */
export function schematic(definition: AppDefinition): Shape[] {
  const shapes: Shape[] = [];
  const screen = definition.screens[0];
  if (!screen) return shapes;
  shapes.push({ shape: "text", x: LEFT, y: 19, text: clipped(definition.name, 26), look: "title" });
  let y = 40;
  for (const component of pairs(screen.components)) {
    const drawn = draw(component, definition, y, BOTTOM - y);
    if (!drawn) break;
    shapes.push(...drawn.shapes);
    y = drawn.y + 8;
  }
  return shapes;
}

interface Drawn {
  shapes: Shape[];
  y: number;
}

function draw(
  item: Component | readonly Component[],
  definition: AppDefinition,
  y: number,
  room: number,
): Drawn | undefined {
  if (Array.isArray(item)) return cards(item as readonly Component[], y, room);
  const component = item as Component;
  switch (component.type) {
    case "fields":
      return rows(component.title, component.fields, y, room);
    case "grid":
      return grid(
        component.title,
        component.columns.map((column) => column.label),
        y,
        room,
      );
    case "list": {
      const table = definition.tables.find((one) => one.id === component.table);
      const names = [component.titleColumn, ...component.columns.slice(0, 2)];
      return list(
        names.map((id) => table?.columns.find((column) => column.id === id)?.title ?? id),
        y,
        room,
      );
    }
    case "form": {
      const table = definition.tables.find((one) => one.id === component.table);
      const labels = component.columns.map(
        (id) => table?.columns.find((column) => column.id === id)?.title ?? id,
      );
      return form(labels, y, room);
    }
    case "chart":
      return chart(component.title, component.kind, y, room);
    case "card":
      return cards([component], y, room);
    case "text":
      return room < 14 ? undefined : { shapes: [label(component.text, y + 8)], y: y + 10 };
  }
}

function rows(
  title: string,
  fields: readonly { label: string; mode: "read" | "write" }[],
  top: number,
  room: number,
): Drawn | undefined {
  const shapes: Shape[] = [];
  let y = top;
  if (room < 18) return undefined;
  if (title) {
    shapes.push(heading(title, y + 8));
    y += 14;
  }
  for (const field of fields) {
    if (y + 16 > top + room) break;
    shapes.push(label(field.label, y + 10, 20));
    const look = field.mode === "write" ? "input" : "value";
    shapes.push(field.mode === "write" ? box(112, y, 56, 14, look) : box(132, y + 3, 36, 8, look));
    y += 18;
  }
  return { shapes, y };
}

function grid(title: string, labels: readonly string[], top: number, room: number): Drawn | undefined {
  if (room < 44) return undefined;
  const shapes: Shape[] = title ? [heading(title, top + 8)] : [];
  let y = top + (title ? 14 : 0);
  const shown = labels.slice(0, 3);
  const width = (RIGHT - LEFT) / Math.max(shown.length, 1);
  shown.forEach((text, index) =>
    shapes.push({ shape: "text", x: LEFT + index * width, y: y + 8, text: clipped(text, 9), look: "label" }),
  );
  y += 13;
  for (let row = 0; row < 3 && y + 12 <= top + room; row++) {
    shown.forEach((_, index) => shapes.push(box(LEFT + index * width, y, width - 4, 10, "input")));
    y += 14;
  }
  return { shapes, y };
}

function list(titles: readonly string[], top: number, room: number): Drawn | undefined {
  if (room < 40) return undefined;
  const shapes: Shape[] = [box(LEFT, top, RIGHT - LEFT, 15, "input")];
  let y = top + 22;
  for (let row = 0; row < 6 && y + 24 <= top + room; row++) {
    // Only the first row says what stands where; the rest are its echo.
    if (row === 0) {
      shapes.push(label(titles[0] ?? "", y + 8, 24));
      if (titles.length > 1)
        shapes.push({
          shape: "text",
          x: LEFT,
          y: y + 18,
          text: clipped(titles.slice(1).join(" · "), 30),
          look: "heading",
        });
    } else shapes.push(box(LEFT, y + 2, 96 - row * 6, 6, "value"), box(LEFT, y + 12, 62, 4, "figure"));
    y += 24;
    shapes.push({ shape: "line", y: y - 1 });
    y += 4;
  }
  return { shapes, y };
}

function form(labels: readonly string[], top: number, room: number): Drawn | undefined {
  const shapes: Shape[] = [];
  let y = top;
  for (const text of labels) {
    if (y + 28 > top + room - 22) break;
    shapes.push(label(text, y + 8), box(LEFT, y + 11, RIGHT - LEFT, 14, "input"));
    y += 30;
  }
  if (y + 18 <= top + room) shapes.push(box(LEFT, y + 2, 64, 16, "button"));
  return shapes.length > 0 ? { shapes, y: y + 20 } : undefined;
}

function chart(title: string, kind: ChartKind, top: number, room: number): Drawn | undefined {
  const head = title ? 14 : 0;
  const height = Math.min(62, room - head);
  if (height < 36) return undefined;
  const shapes: Shape[] = title ? [heading(title, top + 8)] : [];
  shapes.push({ shape: "chart", kind, y: top + head, height });
  return { shapes, y: top + head + height };
}

function cards(items: readonly Component[], top: number, room: number): Drawn | undefined {
  if (room < 36) return undefined;
  const width = (RIGHT - LEFT - (items.length - 1) * 8) / items.length;
  const shapes = items.flatMap((item, index): Shape[] => {
    const x = LEFT + index * (width + 8);
    const text = item.type === "card" ? item.field.label : "";
    return [
      box(x, top, width, 34, "card"),
      { shape: "text", x: x + 7, y: top + 12, text: clipped(text, Math.floor(width / 5.6)), look: "label" },
      box(x + 7, top + 18, Math.min(width - 14, 44), 9, "value"),
    ];
  });
  return { shapes, y: top + 34 };
}

/** Cards stand two and two. */
function pairs(components: readonly Component[]): (Component | Component[])[] {
  const result: (Component | Component[])[] = [];
  for (const component of components) {
    const last = result.at(-1);
    if (component.type === "card" && Array.isArray(last) && last.length < 2) last.push(component);
    else result.push(component.type === "card" ? [component] : component);
  }
  return result;
}

const box = (
  x: number,
  y: number,
  width: number,
  height: number,
  look: Extract<Shape, { shape: "box" }>["look"],
): Shape => ({
  shape: "box",
  x,
  y,
  width,
  height,
  look,
});
const heading = (text: string, y: number): Shape => ({
  shape: "text",
  x: LEFT,
  y,
  text: clipped(text, 30),
  look: "heading",
});
const label = (text: string, y: number, most = 32): Shape => ({
  shape: "text",
  x: LEFT,
  y,
  text: clipped(text, most),
  look: "label",
});

function clipped(text: string, most: number): string {
  const letters = [...text.trim()];
  return letters.length <= most
    ? letters.join("")
    : `${letters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}
