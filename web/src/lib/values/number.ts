// Numbers as people write them: "1.234,5", "1,234.5", "12 %", "1 234,50 €".
// Invariant: the result is the exact decimal text that was meant ("1234.50"), so that money never passes a double.
import { signs } from "./locale";

/** Digits with an optional sign and point, as JSON and the server read them. */
export type DecimalText = string;

const MINUS = /[−–‒]/g;
const SPACES = /[\s\u00a0\u202f\u2009]/g;
const APOSTROPHES = /['’]/g;

/**
 * Reads a number. A sign that cannot be grouping in this locale is taken for the decimal sign, so that a numeric
 * keypad's "." works in German too: "1.5" is one and a half, "1.500" is one thousand five hundred there.
 * "2500,000" in English is neither and refused: a slip while editing "250,000" must not become 2500.
 * A percent sign divides by 100. Undefined when it is no number.
 */
export function parseNumber(text: string, locale: string, unit?: string): DecimalText | undefined {
  let rest = text.replace(MINUS, "-").replace(SPACES, "").replace(APOSTROPHES, "");
  if (unit && unit !== "%") rest = strip(rest, unit.replace(SPACES, ""));
  rest = rest.replace(/^([+-]?)\p{Sc}|\p{Sc}$/gu, "$1");
  const percent = rest.endsWith("%");
  if (percent) rest = rest.slice(0, -1);
  const match = /^([+-]?)([\d.,]*)(?:e([+-]?\d{1,3}))?$/i.exec(rest);
  if (!match || !/\d/.test(match[2]!)) return undefined;
  const plain = ungroup(match[2]!, locale);
  if (plain === undefined) return undefined;
  const exponent = Number(match[3] ?? 0) - (percent ? 2 : 0);
  return shift((match[1] === "-" ? "-" : "") + plain, exponent);
}

function strip(text: string, unit: string): string {
  const lower = unit.toLowerCase();
  const low = text.toLowerCase();
  if (low.endsWith(lower)) return text.slice(0, -unit.length);
  return low.startsWith(lower) ? text.slice(unit.length) : text;
}

/** Digits with `.` as the only sign, or undefined when the signs make no sense. */
function ungroup(digits: string, locale: string): string | undefined {
  const dots = digits.split(".").length - 1;
  const commas = digits.split(",").length - 1;
  if (dots === 0 && commas === 0) return digits;
  let decimal: "." | "," | undefined;
  if (dots && commas) decimal = digits.lastIndexOf(".") > digits.lastIndexOf(",") ? "." : ",";
  else {
    const sign = dots ? "." : ",";
    const grouped = /^[1-9]\d{0,2}([.,]\d{3})+$/.test(digits);
    const broken = /^\d{4,}[.,]\d{3}$/.test(digits) && signs(locale).decimal !== sign;
    if (broken) return undefined;
    if (dots + commas > 1) decimal = undefined;
    else if (!grouped || signs(locale).decimal === sign) decimal = sign;
  }
  const [whole, fraction, ...more] = decimal ? digits.split(decimal) : [digits];
  if (more.length || (fraction !== undefined && /[.,]/.test(fraction))) return undefined;
  if (/[.,]/.test(whole!) && !/^\d{1,3}([.,])\d{3}(\1\d{3})*$/.test(whole!)) return undefined;
  return `${whole!.replace(/[.,]/g, "") || "0"}${fraction ? `.${fraction}` : ""}`;
}

/** Moves the point of a decimal text by `places` to the right, exactly; negative to the left. */
export function shift(decimal: DecimalText, places: number): DecimalText {
  const negative = decimal.startsWith("-");
  const [whole = "0", fraction = ""] = decimal.replace(/^[+-]/, "").split(".");
  let digits = whole + fraction;
  let point = whole.length + places;
  if (point <= 0) {
    digits = "0".repeat(1 - point) + digits;
    point = 1;
  }
  digits = digits.padEnd(point, "0");
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const right = digits.slice(point);
  const text = right ? `${left}.${right}` : left;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

/** A number for an entry field: no grouping, all its digits, the locale's decimal sign. */
export function editable(value: number | DecimalText, locale: string): string {
  const text = typeof value === "number" ? plain(value) : value;
  return text.replace(".", signs(locale).decimal);
}

/** A double without exponent, rounded to the 15 digits a spreadsheet shows. */
export function plain(value: number): DecimalText {
  const [mantissa = "0", exponent = "0"] = value.toPrecision(15).split("e");
  const text = shift(mantissa, Number(exponent));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
