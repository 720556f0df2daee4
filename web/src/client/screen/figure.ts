// Figures and the units behind them.
import type { FieldKind } from "$lib/api/types";
import type { FieldView } from "$lib/engine/types";
import { entryText } from "$lib/values/format";

const SYMBOLS: Readonly<Record<string, string>> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", CHF: "CHF" };

/** The unit to write behind a figure, unless its number format has written it already. */
export function unitBehind(text: string, unit: string | undefined): string | undefined {
  if (!unit || !text) return undefined;
  const signs = [unit, SYMBOLS[unit]].filter((sign) => sign !== undefined);
  return signs.some((sign) => text.includes(sign)) ? undefined : unit;
}

/**
 * A figure as it is read: as Excel formats it, except where the file has no format for it. A date does not show as its
 * serial number then, and a long fraction is cut to what a cell of ordinary width would show.
 */
export function figureText(view: FieldView, kind: FieldKind, locale: string): string {
  const { text, value } = view;
  if (["date", "time", "dateTime"].includes(kind)) {
    const bare = /^-?\d+([.,]\d+)?$/.test(text) && typeof value === "string";
    return bare ? entryText(value, kind, locale) : text;
  }
  if (typeof value === "number" && /^-?\d+[.,]\d{5,}$/.test(text)) {
    const most = Math.abs(value) >= 1 ? 4 : 6;
    return new Intl.NumberFormat(locale, { maximumFractionDigits: most, useGrouping: false }).format(value);
  }
  return text;
}
