// Decimals as number format codes, and limits of dates as the serial numbers that definitions keep.
import type { FieldKind } from "$lib/api/types";

/** Whether decimals mean something for this kind. */
export function hasDecimals(kind: FieldKind): boolean {
  return kind === "number" || kind === "currency" || kind === "percent";
}

/** The format code that shows this many decimals; grouped, and with a sign for percentages. */
export function formatOf(kind: FieldKind, decimals: number): string {
  const fraction = decimals > 0 ? `.${"0".repeat(decimals)}` : "";
  return kind === "percent" ? `0${fraction}%` : `#,##0${fraction}`;
}

/** How many decimals a format code of ours shows; undefined when it is another kind of code. */
export function decimalsOf(format: string | undefined): number | undefined {
  const match = /^(?:#,##0|0)(?:\.(0+))?%?$/.exec(format ?? "");
  return match ? (match[1]?.length ?? 0) : undefined;
}

const DAY = 86_400_000;
/** Day 0 of the 1900 system, shifted so that every date from March 1900 on is right. */
const EPOCH = Date.UTC(1899, 11, 30);

/** `2026-11-21` → 46347. */
export function serialOf(date: string): number | undefined {
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : Math.round((time - EPOCH) / DAY);
}

/** 46347 → `2026-11-21`. */
export function dateOf(serial: number): string {
  const date = new Date(EPOCH + Math.floor(serial) * DAY);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}
