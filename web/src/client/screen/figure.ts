// Figures and the units behind them.
import type { FieldKind } from "$lib/api/types";
import type { FieldView } from "$lib/engine/types";
import { entryText } from "$lib/values/format";
import { grouped } from "$lib/values/measure";

const SYMBOLS: Readonly<Record<string, string>> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", CHF: "CHF" };

/** The unit to write behind a figure, unless its number format has written it already. */
export function unitBehind(text: string, unit: string | undefined): string | undefined {
  if (!unit || !text) return undefined;
  const signs = [unit, SYMBOLS[unit]].filter((sign) => sign !== undefined);
  return signs.some((sign) => text.includes(sign)) ? undefined : unit;
}

/**
 * A figure as it is read: as Excel formats it, except where the file has no format for it. A date does not show as its
 * serial number then, a long fraction is cut to what a cell of ordinary width would show, and thousands are set apart.
 */
export function figureText(
  view: FieldView,
  { kind, label }: { kind: FieldKind; label: string },
  locale: string,
): string {
  const { text, value } = view;
  if (["date", "time", "dateTime"].includes(kind)) {
    const bare = /^-?\d+([.,]\d+)?$/.test(text) && typeof value === "string";
    return bare ? entryText(value, kind, locale) : text;
  }
  if (typeof value !== "number" || !/^-?\d+([.,]\d+)?$/.test(text)) return text;
  const useGrouping = view.general === true && grouped(value, label);
  const places = text.split(/[.,]/)[1]?.length ?? 0;
  if (places < 5 && !useGrouping) return text;
  const most = places < 5 ? places : Math.abs(value) >= 1 ? 4 : 6;
  const least = places < 5 ? places : 0;
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: least,
    maximumFractionDigits: most,
    useGrouping,
  }).format(value);
}
