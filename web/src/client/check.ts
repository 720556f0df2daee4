// A form's values checked before they are sent, so that a person learns of a slip at once. The executor checks again.
import type { ColumnDefinition, Reason, Scalar } from "$lib/api/types";
import { moment } from "$lib/values/date";

const DAY = 86_400_000;
/** Day 0 of Excel's 1900 calendar, from 1 March 1900 on. */
const EPOCH = Date.UTC(1899, 11, 30);

/** The serial number of an ISO date, time or date-time, as Excel keeps it. */
export function serial(iso: string): number | undefined {
  const at = moment(iso);
  if (!at) return undefined;
  const isTime = /^\d\d:/.test(iso);
  return isTime ? at.getTime() / DAY : (at.getTime() - EPOCH) / DAY;
}

/** What is wrong with the value, or nothing. */
export function checkValue(column: ColumnDefinition, value: Scalar): Reason | undefined {
  const { required, minimum, maximum, maxLength, choices, open } = column.validation ?? {};
  if (value === null || value === "") return required ? { code: "required" } : undefined;
  if (typeof value === "string" && maxLength !== undefined && [...value].length > maxLength)
    return { code: "tooLong", maximum: maxLength };
  const size = sizeOf(column, value);
  if (size !== undefined && minimum !== undefined && size < minimum)
    return { code: "tooSmall", minimum: boundText(column, minimum) };
  if (size !== undefined && maximum !== undefined && size > maximum)
    return { code: "tooLarge", maximum: boundText(column, maximum) };
  if (choices?.from === "list" && !open && !choices.values.includes(String(value)))
    return { code: "notAChoice" };
  return undefined;
}

function sizeOf(column: ColumnDefinition, value: Scalar): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  switch (column.type.name) {
    case "decimal":
      return Number(value);
    case "date":
    case "time":
    case "dateTime":
      return serial(value);
    default:
      return undefined;
  }
}

function boundText(column: ColumnDefinition, bound: number): string {
  switch (column.type.name) {
    case "date":
      return new Date(EPOCH + bound * DAY).toISOString().slice(0, 10);
    case "dateTime":
      return new Date(EPOCH + bound * DAY).toISOString().slice(0, 19);
    case "time":
      return new Date(bound * DAY).toISOString().slice(11, 19);
    default:
      return String(column.kind === "percent" ? bound * 100 : bound);
  }
}
