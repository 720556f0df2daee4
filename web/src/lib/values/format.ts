// Values of tables as a locale shows them, following the column's kind, unit and Excel number format.
// Invariant: decimals are formatted from their text, digit by digit; they never pass a double.
import type { FieldKind, Scalar } from "../api/types";
import { moment } from "./date";
import { grouped } from "./measure";
import { editable, plain, shift } from "./number";

/** How a value is meant. */
export interface Shape {
  kind: FieldKind;
  unit?: string | undefined;
  /** Excel number format code. */
  format?: string | undefined;
  /** What it is called: of a number without a format it tells an amount from a year or a code. */
  title?: string | undefined;
}

/** What of an Excel format code a list needs: digits behind the point and whether thousands are grouped. */
export function digitsOf(
  format: string | undefined,
): { places: [number, number]; grouped: boolean } | undefined {
  const section = format?.split(";")[0]?.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, "") ?? "";
  const match = /[0#?](?:[0#?,]*[0#?])?(?:\.([0#?]+))?/.exec(section);
  if (!match || /[ymdhs]/i.test(section)) return undefined;
  const fraction = match[1] ?? "";
  return {
    places: [fraction.replace(/[^0]/g, "").length, fraction.length],
    grouped: /[0#],[0#]/.test(section),
  };
}

const formats = new Map<string, Intl.NumberFormat>();

function number(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

const DEFAULT_PLACES: Partial<Record<FieldKind, [number, number]>> = {
  integer: [0, 0],
  currency: [2, 2],
  percent: [0, 2],
};

/** A value as text; blank for null. `words` are what yes and no are called. */
export function formatValue(
  value: Scalar,
  shape: Shape,
  locale: string,
  words: { yes: string; no: string },
): string {
  if (value === null || value === "") return "";
  if (typeof value === "boolean") return value ? words.yes : words.no;
  switch (shape.kind) {
    case "date":
      return dateText(String(value), locale, { dateStyle: "medium" });
    case "time":
      return dateText(String(value), locale, { timeStyle: "short" });
    case "dateTime":
      return dateText(String(value), locale, { dateStyle: "medium", timeStyle: "short" });
    case "number":
    case "integer":
    case "currency":
    case "percent":
      return numberText(value, shape, locale);
    default:
      return typeof value === "number" ? numberText(value, { ...shape, kind: "number" }, locale) : value;
  }
}

function numberText(value: number | string, shape: Shape, locale: string): string {
  if (typeof value === "string" && !/^-?\d+(\.\d+)?$/.test(value)) return value;
  const digits = digitsOf(shape.format);
  // A decimal column keeps as many places in every row; so do its figures.
  const kept = typeof value === "string" && shape.kind !== "percent" ? (value.split(".")[1]?.length ?? 0) : 0;
  const [least, most] = digits?.places ?? DEFAULT_PLACES[shape.kind] ?? [kept, 10];
  const options: Intl.NumberFormatOptions = {
    minimumFractionDigits: Math.min(least, 20),
    maximumFractionDigits: Math.min(Math.max(least, most), 20),
    useGrouping: digits
      ? digits.grouped
      : shape.title === undefined
        ? shape.kind !== "integer"
        : grouped(value, shape.title),
    ...(shape.kind === "percent" ? { style: "percent" as const } : {}),
  };
  if (shape.kind === "currency" && /^[A-Z]{3}$/.test(shape.unit ?? "")) {
    Object.assign(options, { style: "currency", currency: shape.unit, useGrouping: true });
  }
  const text = number(locale, options).format(value as number);
  const written = options.style === "currency" || options.style === "percent";
  return shape.unit && !written ? `${text}\u00a0${shape.unit}` : text;
}

function dateText(iso: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const date = moment(iso);
  return date ? new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(date) : iso;
}

/** A value as text for an entry field: what the parsers of this folder read back. `grouped` is easier on the eye. */
export function entryText(value: Scalar, kind: FieldKind, locale: string, grouped = false): string {
  if (value === null) return "";
  if (typeof value === "boolean") return String(value);
  switch (kind) {
    case "number":
    case "integer":
    case "currency":
      if (typeof value === "string" && !/^-?[\d.]+$/.test(value)) return value;
      return grouped ? groupedText(value, kind, locale) : editable(value, locale);
    case "percent": {
      const plain = editable(value, "en-US");
      return /^-?[\d.]+$/.test(plain) ? editable(trimZeros(shift(plain, 2)), locale) : String(value);
    }
    case "date":
      return dateText(String(value), locale, { day: "2-digit", month: "2-digit", year: "numeric" });
    case "time":
      return String(value).replace(/^(\d\d:\d\d):00$/, "$1");
    case "dateTime":
      return dateText(String(value), locale, {
        day: "2-digit",
        month: "2-digit",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
      });
    default:
      return String(value);
  }
}

/** Thousands grouped and money with its two places, all digits kept; a year-like whole number stays as it is. */
function groupedText(value: number | string, kind: FieldKind, locale: string): string {
  const exact = typeof value === "number" ? plain(value) : value;
  const places = exact.split(".")[1]?.length ?? 0;
  const least = kind === "currency" && places > 0 ? Math.max(2, places) : places;
  const options = { minimumFractionDigits: least, maximumFractionDigits: least };
  const long = kind !== "integer" || exact.replace("-", "").length > 4;
  return number(locale, { ...options, useGrouping: long }).format(exact as unknown as number);
}

const trimZeros = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
