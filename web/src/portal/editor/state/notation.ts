// Bindings as people read and write them: `Loan!B3`, `Rates!A2:A9`, a name, `Stock[Price]`.
// Invariant: what is written by `bindingText` is read back as the same binding, but for its label.
import type { AppDefinition, Binding } from "$lib/api/types";
import type { Outline } from "../../workbook";
import { rangeText, rectangle, reference, type Rectangle } from "./cells";

/** A sheet's name as formulas write it. */
export function quoted(sheet: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(sheet) && !/^[A-Za-z]{1,3}[0-9]+$/.test(sheet);
  return plain ? sheet : `'${sheet.replaceAll("'", "''")}'`;
}

/** The text of a binding. */
export function bindingText(definition: AppDefinition, binding: Binding | undefined): string {
  switch (binding?.kind) {
    case undefined:
      return "";
    case "name":
      return binding.name;
    case "cell":
      return `${quoted(binding.sheet)}!${binding.cell}`;
    case "range":
      return `${quoted(binding.sheet)}!${binding.range}`;
    case "column": {
      const table = definition.tables.find((one) => one.id === binding.table);
      const column = table?.columns.find((one) => one.id === binding.column);
      return `${table?.title ?? binding.table}[${column?.title ?? binding.column}]`;
    }
  }
}

/** The binding of a rectangle: a cell or a range. */
export function bindingOf(area: Rectangle): Binding {
  const text = rangeText(area);
  return text.includes(":")
    ? { kind: "range", sheet: area.sheet, range: text }
    : { kind: "cell", sheet: area.sheet, cell: text };
}

/** Reads a binding; an address without a sheet is on `sheet`. Undefined when it means nothing here. */
export function readBinding(
  text: string,
  definition: AppDefinition,
  outline: Outline,
  sheet: string,
): Binding | undefined {
  const trimmed = text.trim().replace(/^=/, "");
  const name = outline.names.find((one) => one.name.toLowerCase() === trimmed.toLowerCase());
  if (name) return { kind: "name", name: name.name };
  const column = /^(.+)\[(.+)\]$/.exec(trimmed);
  if (column) {
    const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();
    const table = definition.tables.find((one) => same(one.title, column[1]) || one.id === column[1]);
    const found = table?.columns.find((one) => same(one.title, column[2]) || one.id === column[2]);
    return table && found ? { kind: "column", table: table.id, column: found.id } : undefined;
  }
  const area = reference(trimmed) ?? rectangle(sheet, trimmed);
  const known = area && outline.sheets.find((one) => one.name.toLowerCase() === area.sheet.toLowerCase());
  return area && known ? bindingOf({ ...area, sheet: known.name }) : undefined;
}
