// Units behind figures.

const SYMBOLS: Readonly<Record<string, string>> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", CHF: "CHF" };

/** The unit to write behind a figure, unless its number format has written it already. */
export function unitBehind(text: string, unit: string | undefined): string | undefined {
  if (!unit || !text) return undefined;
  const signs = [unit, SYMBOLS[unit]].filter((sign) => sign !== undefined);
  return signs.some((sign) => text.includes(sign)) ? undefined : unit;
}
