// Cell addresses in A1 notation.
import type { Binding } from "../api/types";

/** A rectangle of a sheet; rows and columns count from 1 as everywhere in the model, ends included. */
export interface Rectangle {
  sheet: string;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Reads `B3` or `$B$3`. */
export function parseCell(text: string): { row: number; column: number } | undefined {
  const match = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/i.exec(text.trim());
  if (!match) return undefined;
  const letters = match[1]!.toUpperCase();
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return { row: Number(match[2]), column };
}

/** The letters of a column, counted from 1: 1 is A, 28 is AB. */
export function columnName(column: number): string {
  const rest = (column - 1) % 26;
  const letter = String.fromCharCode(65 + rest);
  return column <= 26 ? letter : columnName((column - 1 - rest) / 26) + letter;
}

/** The rectangle a cell or range binding names; names and columns are found by the engine only. */
export function rangeOf(binding: Binding): Rectangle | undefined {
  if (binding.kind !== "cell" && binding.kind !== "range") return undefined;
  const text = binding.kind === "cell" ? binding.cell : binding.range;
  const [from, to] = text.split(":");
  const start = parseCell(from ?? "");
  const end = to === undefined ? start : parseCell(to);
  if (!start || !end) return undefined;
  return {
    sheet: binding.sheet,
    top: Math.min(start.row, end.row),
    left: Math.min(start.column, end.column),
    bottom: Math.max(start.row, end.row),
    right: Math.max(start.column, end.column),
  };
}
