// How a locale writes numbers and dates, as far as reading them needs it; learned from Intl, never from a list.

export interface Signs {
  decimal: string;
  group: string;
  /** Order of a numeric date's parts: `dmy`, `mdy` or `ymd`. */
  order: string;
  /** What stands between them. */
  dateSeparator: string;
}

const known = new Map<string, Signs>();

/** The signs of a locale. */
export function signs(locale: string): Signs {
  let found = known.get(locale);
  if (!found) {
    const number = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1234567.8);
    const date = new Intl.DateTimeFormat(locale).formatToParts(new Date(2026, 10, 21));
    const sign = (parts: { type: string; value: string }[], type: string, otherwise: string) =>
      parts.find((part) => part.type === type)?.value ?? otherwise;
    const letters: Record<string, string> = { day: "d", month: "m", year: "y" };
    found = {
      decimal: sign(number, "decimal", "."),
      group: sign(number, "group", ","),
      order: date.map((part) => letters[part.type] ?? "").join(""),
      dateSeparator: sign(date, "literal", "-").trim() || "-",
    };
    known.set(locale, found);
  }
  return found;
}
