// The metadata in people's words.
import { language } from "$lib/i18n/language.svelte";
import { m } from "../m";
import type { Property, Rights } from "./metadata";

/** What kind of value it is. */
export function typeWords({ type, scale, collection }: Property): string {
  const one = () => {
    switch (type) {
      case "Edm.String":
        return m.api_type_text();
      case "Edm.Byte":
      case "Edm.SByte":
      case "Edm.Int16":
      case "Edm.Int32":
      case "Edm.Int64":
        return m.api_type_integer();
      case "Edm.Decimal":
        return scale === 0
          ? m.api_type_integer()
          : scale === undefined
            ? m.api_type_number()
            : m.api_type_decimal({ count: scale });
      case "Edm.Double":
      case "Edm.Single":
        return m.api_type_number();
      case "Edm.Boolean":
        return m.api_type_boolean();
      case "Edm.Date":
        return m.api_type_date();
      case "Edm.TimeOfDay":
        return m.api_type_time();
      case "Edm.DateTimeOffset":
        return m.api_type_moment();
      case "Edm.Guid":
        return m.api_type_id();
      case "Edm.Binary":
      case "Edm.Stream":
        return m.api_type_file();
      default:
        return type.replace(/^Edm\./, "");
    }
  };
  return collection ? m.api_type_many({ type: one() }) : one();
}

/** What else is known of it, each a few words; `asked` for what is given in rather than out. */
export function factWords(property: Property, asked: boolean): string[] {
  const facts: string[] = [];
  const { nullable, optional, minimum, maximum, maxLength, unit, choices, key, computed, immutable } =
    property;
  const number = (text: string) => {
    const value = Number(text);
    return Number.isNaN(value)
      ? text
      : new Intl.NumberFormat(language.locale, { maximumFractionDigits: 15 }).format(value);
  };
  if (unit) facts.push(m.api_fact_unit({ unit }));
  if (asked && optional) facts.push(m.api_fact_optional());
  if (key) facts.push(m.api_fact_key());
  if (computed) facts.push(m.api_fact_computed());
  else if (immutable && !key) facts.push(m.api_fact_immutable());
  if (!asked && !nullable && !key && !computed) facts.push(m.api_fact_required());
  if (minimum !== undefined && maximum !== undefined)
    facts.push(m.api_fact_between({ from: number(minimum), to: number(maximum) }));
  else if (minimum !== undefined) facts.push(m.api_fact_minimum({ value: number(minimum) }));
  else if (maximum !== undefined) facts.push(m.api_fact_maximum({ value: number(maximum) }));
  if (maxLength !== undefined)
    facts.push(
      property.type === "Edm.Stream"
        ? m.api_fact_maximum({ value: megabytes(maxLength) })
        : m.api_fact_length({ count: maxLength }),
    );
  if (choices.length > 0)
    facts.push(
      m.api_fact_choices({ choices: choices.slice(0, 12).join(", ") + (choices.length > 12 ? " …" : "") }),
    );
  return facts;
}

/** A size in the words of the language; files are bounded by whole mebibytes. */
function megabytes(bytes: number): string {
  const format = new Intl.NumberFormat(language.locale, {
    style: "unit",
    unit: "megabyte",
    maximumFractionDigits: 1,
  });
  return format.format(bytes / 2 ** 20);
}

/** What may be done with a set. */
export function rightWords(rights: Rights): string[] {
  const words: string[] = [];
  if (rights.read) words.push(m.api_right_read());
  if (rights.search) words.push(m.api_right_search());
  if (rights.insert) words.push(m.api_right_insert());
  if (rights.update) words.push(m.api_right_update());
  if (rights.delete) words.push(m.api_right_delete());
  return words;
}
