// Values of a column as a list shows them and as a form sends them.
import type { ColumnDefinition, Scalar } from "$lib/api/types";
import { language } from "$lib/i18n/language.svelte";
import { formatValue } from "$lib/values/format";
import { fileOf, isPicture } from "../files/file";
import { m } from "./m";

/** A value as text in the person's language; blank for null. */
export function show(column: ColumnDefinition, value: Scalar | undefined): string {
  const { kind, unit, format, title } = column;
  if (kind === "file") {
    const file = fileOf(value);
    return file ? (file.name ?? (isPicture(file) ? m.file_picture() : m.file_file())) : "";
  }
  const words = { yes: m.yes(), no: m.no() };
  const shown = column.filled && typeof value === "string" ? here(value) : (value ?? null);
  return formatValue(shown, { kind, unit, format, title }, language.locale, words);
}

/** A moment that the server filled in, in UTC, as clocks show it where the reader is. */
function here(utc: string): string {
  const at = new Date(`${utc}Z`);
  if (Number.isNaN(at.getTime())) return utc;
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Whether its figures line up at the end. */
export function isNumeric(column: ColumnDefinition): boolean {
  return ["integer", "decimal", "double"].includes(column.type.name) && column.kind !== "choice";
}

/** A control's value in the form the column's type takes. */
export function coerce(column: ColumnDefinition, value: Scalar): Scalar {
  if (value === null || value === "") return null;
  const { name } = column.type;
  if (name === "text") return String(value);
  if ((name === "integer" || name === "double") && typeof value === "string" && value.trim() !== "") {
    const number = Number(value);
    return Number.isNaN(number) ? value : number;
  }
  return value;
}
