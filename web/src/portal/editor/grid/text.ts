// How a cell's text fits its column.

/** A long decimal number shortened to what fits, rounded as spreadsheets do; any other text as it is. */
export function fitted(text: string, characters: number): string {
  const match = /^(-?\d+)([.,])(\d+)$/.exec(text);
  if (!match || text.length <= characters) return text;
  const [, whole = "", sign = "."] = match;
  const digits = Math.max(0, Math.min(20, characters - whole.length - 1));
  const rounded = Number(text.replace(",", ".")).toFixed(digits).replace(".", sign);
  return rounded.includes(sign) ? rounded.replace(/0+$/, "").replace(/[.,]$/, "") : rounded;
}
