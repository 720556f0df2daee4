// What can be done with the active cell: binding what is selected to it, or making a field of it.
import type { Component } from "$lib/api/types";
import { creation } from "../creation/creation.svelte";
import { m } from "../m";
import type { EditorContext } from "./editor.svelte";
import { blankComponent, fieldFor, labelOf } from "./state/blanks";
import { BLOCK_ROWS } from "./grid/viewport";
import { address } from "./state/cells";
import { place } from "./state/find";
import { cardOf, chartOf } from "./state/made";
import { addComponent, addField, updateField } from "./state/operations";

function activeCell(editor: EditorContext) {
  const { row, column } = editor.active;
  const blank = { row, column, text: "", kind: "blank" as const };
  const cell = editor.workbench.cell(editor.sheet, row, column) ?? blank;
  return { cell, around: editor.workbench.around(editor.sheet, row, column) };
}

/** Binds the selected field, or the one on the selected card, to the active cell. */
export function bindHere(editor: EditorContext): void {
  const found = place(editor.definition, editor.selection);
  const field = found?.field ?? (found?.component?.type === "card" ? found.component.field : undefined);
  if (!field) return;
  const { cell, around } = activeCell(editor);
  const label = labelOf(cell, around);
  const at = address(cell.row, cell.column);
  const binding = {
    kind: "cell" as const,
    sheet: editor.sheet,
    cell: at,
    ...(label !== undefined && { label }),
  };
  editor.edit((definition) => updateField(definition, field.id, { binding }));
  editor.said = m.said_bound({ name: field.label, cell: `${editor.sheet}!${at}` });
}

/** Makes a field of the active cell, in the selected section or the best one there is. */
export function addHere(editor: EditorContext, mode: "read" | "write"): void {
  const { cell, around } = activeCell(editor);
  const field = fieldFor(editor.definition, editor.sheet, cell, around, mode);
  const found = place(editor.definition, editor.selection);
  const screen = found?.screen ?? editor.definition.screens[0];
  if (!screen) return;
  const section =
    found?.component?.type === "fields" ? found.component : bestSection(screen.components, mode);
  const select = { kind: "field" as const, id: field.id };
  if (section) editor.add((definition) => addField(definition, section.id, field), select);
  else
    editor.add((definition) => {
      const made = blankComponent(definition, "fields", mode === "write" ? m.inputs() : m.results());
      if (made?.type !== "fields") return definition;
      return addComponent(definition, screen.id, { ...made, fields: [field] });
    }, select);
  editor.said = m.said_added({ name: field.label });
}

/** A figure of the active cell. */
export function figureHere(editor: EditorContext): Component {
  const { cell, around } = activeCell(editor);
  return cardOf(editor.definition, editor.sheet, cell, around);
}

/** A chart of the column that begins at the active cell, where it holds numbers. */
export function chartHere(editor: EditorContext): Component | undefined {
  const rows = creation.outline.sheets.find((sheet) => sheet.name === editor.sheet)?.rows ?? 0;
  const cells = editor.workbench.known(editor.sheet);
  const knownTo = Math.ceil(Math.max(1, ...cells.map((cell) => cell.row)) / BLOCK_ROWS) * BLOCK_ROWS;
  return chartOf(editor.definition, editor.sheet, editor.active, cells, rows, knownTo);
}

/** A section that already holds fields of this mode, else an empty one. */
function bestSection(components: readonly Component[], mode: "read" | "write") {
  const sections = components.filter((component) => component.type === "fields");
  return (
    sections.find((one) => one.fields.some((field) => field.mode === mode)) ??
    sections.find((one) => one.fields.length === 0)
  );
}
