// Dates and times as people write them: "21.11.2026", "11/21/2026", "2026-11-21", "21.11.", "8:30 pm".
// Invariant: results are ISO text of days and times that exist.
import { signs } from "./locale";

/** Reads a date into `YYYY-MM-DD`. `today` gives the year where none was written. */
export function parseDate(text: string, locale: string, today = new Date()): string | undefined {
  const parts = text.trim().match(/^(\d{1,4})\s*([./\-\s])\s*(\d{1,2})(?:\s*\2\s*(\d{1,4})?)?$/);
  if (!parts) return undefined;
  const [, a = "", separator = "", b = "", c] = parts;
  if (a.length === 4) return iso(a, b, c ?? "");
  const year = c ?? String(today.getFullYear());
  const monthFirst = separator === "/" ? iso(year, a, b) : undefined;
  const dayFirst = iso(year, b, a);
  // A point is always day first; a slash follows the locale, unless only the other order makes a date.
  if (separator === "/" && signs(locale).order.startsWith("m")) return monthFirst ?? dayFirst;
  return dayFirst ?? monthFirst;
}

function iso(year: string, month: string, day: string): string | undefined {
  let full = Number(year);
  if (year.length === 3 || year.length === 0) return undefined;
  if (year.length <= 2) full += full < 30 ? 2000 : 1900;
  const [m, d] = [Number(month), Number(day)];
  const date = new Date(Date.UTC(full, m - 1, d));
  date.setUTCFullYear(full);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d || full < 1) return undefined;
  return date.toISOString().slice(0, 10);
}

/** Reads a time into `HH:MM:SS`; 12-hour clocks with am and pm too. */
export function parseTime(text: string): string | undefined {
  const match = /^(\d{1,2})(?:[:.h]?(\d{2}))?(?:[:.](\d{2}))?\s*(?:uhr)?\s*(?:([ap])\.?m?\.?)?$/i.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const half = match[4]?.toLowerCase();
  let hour = Number(match[1]);
  const [minute, second] = [Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (half && (hour < 1 || hour > 12)) return undefined;
  if (half) hour = (hour % 12) + (half === "p" ? 12 : 0);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Reads a date and a time into `YYYY-MM-DDTHH:MM:SS`; midnight where no time was written. */
export function parseDateTime(text: string, locale: string, today = new Date()): string | undefined {
  const trimmed = text.trim();
  const whole = parseDate(trimmed, locale, today);
  if (whole) return `${whole}T00:00:00`;
  const match = /^(.*?\d\.?)(?:,\s*|\s+|T)(\d{1,2}(?:[:.h]\d{2}.*|\s*[ap]\.?m\.?|\s*uhr))$/i.exec(trimmed);
  const date = match && parseDate(match[1]!, locale, today);
  const time = match && parseTime(match[2]!);
  return date && time ? `${date}T${time}` : undefined;
}

/** The moment an ISO text names, as a `Date` in UTC for formatting with `timeZone: "UTC"`. */
export function moment(isoText: string): Date | undefined {
  const [date = "", time] = isoText.includes("T")
    ? isoText.split("T")
    : isoText.includes(":")
      ? ["1970-01-01", isoText]
      : [isoText];
  const result = new Date(`${date}T${time ?? "00:00:00"}Z`);
  return Number.isNaN(result.getTime()) ? undefined : result;
}
