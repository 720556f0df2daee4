// Which numbers are amounts, whose thousands are set apart, and which are years, ids or codes, which are read digit by digit.
import type { Scalar } from "../api/types";

/** Words of labels whose numbers name something, in English and German. */
const NAMES =
  /(^|[^\p{L}])(ids?|nrs?|no|nos|codes?|sku|ean|gtin|isbn|issn|iban|bic|zip|plz|postcode|pin|phone|tel|telefon|mobile|mobil|fax|konto|serial|ref|barcode|upc|vin)([^\p{L}]|$)/iu;
/** The same where they end a label or one of German's long words. */
const ENDINGS =
  /((^|[^\p{L}])(number|num|account)|nummern?|kennung|kennzahl|schlüssel|leitzahl|kürzel|code)\.?$/iu;
/** Labels of years; `per year` is an amount. */
const YEARS = /(^|[^\p{L}])(year|yr|fy|jahr)([^\p{L}]|$)|jahr$/iu;
const PER_YEAR = /(^|[^\p{L}])(per|pro|je|a|an|each|im|number of|anzahl)\s+(year|jahr)/iu;

/**
 * Whether a number's thousands are set apart: it has some, and neither its label nor, without one, its look says that it is
 * a year, an id or a code.
 */
export function grouped(value: Scalar, label: string): boolean {
  const number = Number(value);
  if (!(Math.abs(number) >= 1000)) return false;
  const words = label.replace(/\([^)]*\)/g, "").trim();
  if (NAMES.test(words) || ENDINGS.test(words)) return false;
  const yearLike = Number.isInteger(number) && number >= 1000 && number < 2200;
  // A heading of one letter is the sheet's own.
  const says = /\p{L}{2}/u.test(words);
  if (!yearLike) return true;
  return says && !(YEARS.test(words) && !PER_YEAR.test(words));
}
