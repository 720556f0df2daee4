// Reasons and entry problems in the person's words.
import type { Reason, Validation } from "$lib/api/types";
import { language } from "$lib/i18n/language.svelte";
import { moment } from "$lib/values/date";
import { entryText } from "$lib/values/format";
import type { EntryProblem } from "$lib/values/entry";
import { m } from "./m";

/** What to do about a refused value; the maker's own words first where there are some. */
export function reasonWords(reason: Reason, validation?: Validation): string {
  switch (reason.code) {
    case "required":
      return m.reason_required();
    case "readOnly":
      return m.reason_read_only();
    case "duplicate":
      return m.reason_duplicate();
    case "notFound":
      return m.reason_not_found();
    case "forbidden":
      return m.reason_forbidden();
    case "conflict":
      return m.reason_conflict();
    case "calculation":
      return m.reason_calculation({ error: reason.error });
    case "notNow":
      return reason.message ?? m.reason_not_now();
    case "tooManyRows":
      return m.reason_too_many_rows({ maximum: reason.maximum });
    case "tooManyToRead":
      return m.reason_too_many_to_read({ maximum: reason.maximum });
    case "unknownAction":
    case "unknownParameter":
    case "wrongRow":
    case "unknownTable":
    case "unknownColumn":
    case "idTaken":
      return m.reason_outdated();
  }
  if (validation?.message) return validation.message;
  switch (reason.code) {
    case "notAChoice":
      return m.reason_not_a_choice();
    case "tooSmall":
      return m.reason_too_small({ minimum: bound(reason.minimum) });
    case "tooLarge":
      return m.reason_too_large({ maximum: bound(reason.maximum) });
    case "tooLong":
      return m.reason_too_long({ maximum: reason.maximum });
    case "value":
      return valueWords(reason.error);
  }
}

function valueWords(error: "wrongType" | "outOfRange" | "tooPrecise"): string {
  if (error === "tooPrecise") return m.reason_too_precise();
  return error === "outOfRange" ? m.reason_out_of_range() : m.reason_wrong_type();
}

/** A limit as the person writes it: a number, or a date where the server names one. */
function bound(text: string): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return entryText(text, "number", language.locale);
  return moment(text) ? entryText(text, text.includes("T") ? "dateTime" : "date", language.locale) : text;
}

/** What is wrong with what was typed, with an example of what is understood. */
export function entryWords(problem: EntryProblem): string {
  const { locale } = language;
  switch (problem) {
    case "number":
      return m.entry_number({ example: entryText(1234.5, "number", locale) });
    case "integer":
      return m.entry_integer();
    case "date":
      return m.entry_date({ example: entryText("2026-11-21", "date", locale) });
    case "time":
      return m.entry_time();
    case "dateTime":
      return m.entry_date_time({ example: entryText("2026-11-21T08:30:00", "dateTime", locale) });
  }
}
