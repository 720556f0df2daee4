// From what a person typed to a value of a kind, or the reason why it is none.
// Invariant: blank is null, never 0 or an empty text.
import type { FieldKind, Scalar } from "../api/types";
import { parseDate, parseDateTime, parseTime } from "./date";
import { parseNumber, shift } from "./number";

/** Why an entry is no value of its kind. */
export type EntryProblem = "number" | "integer" | "date" | "time" | "dateTime";
export type Entry = { value: Scalar } | { problem: EntryProblem };

export interface Asked {
  kind: FieldKind;
  unit?: string | undefined;
  /** Numbers as exact decimal text rather than as doubles, as decimal columns take them. */
  exact?: boolean;
}

/** Reads what was typed. Percentages are typed as people say them: 5 and 5 % both mean 0.05. */
export function readEntry(text: string, asked: Asked, locale: string, today?: Date): Entry {
  const trimmed = text.trim();
  if (!trimmed) return { value: null };
  switch (asked.kind) {
    case "number":
    case "currency":
    case "integer":
    case "percent": {
      let decimal = parseNumber(trimmed, locale, asked.unit);
      if (decimal === undefined) return { problem: asked.kind === "integer" ? "integer" : "number" };
      if (asked.kind === "percent" && !trimmed.endsWith("%")) decimal = shift(decimal, -2);
      if (asked.kind === "integer" && /\.\d*[1-9]/.test(decimal)) return { problem: "integer" };
      return { value: asked.exact ? decimal : Number(decimal) };
    }
    case "date":
      return found(parseDate(trimmed, locale, today), "date");
    case "time":
      return found(parseTime(trimmed), "time");
    case "dateTime":
      return found(parseDateTime(trimmed, locale, today), "dateTime");
    default:
      return { value: text };
  }
}

const found = (value: string | undefined, problem: EntryProblem): Entry =>
  value === undefined ? { problem } : { value };
