// What a row keeps of a file, and where its content is.
// Invariant: the value is the server's own text; the client reads it and gives it back as it came.
import { path, seen } from "$lib/api/http";
import type { Scalar } from "$lib/api/types";

export interface FileValue {
  object: string;
  type: string;
  size: number;
  name?: string;
  /** There is a small picture of it. */
  small?: string;
}

/** What a value refers to, if to any file. */
export function fileOf(value: Scalar | undefined): FileValue | undefined {
  if (typeof value !== "string" || !value.startsWith('{"object":')) return undefined;
  try {
    return JSON.parse(value) as FileValue;
  } catch {
    return undefined;
  }
}

/** The value by which a row is to refer to a file that was sent. */
export const fileText = (file: FileValue): string =>
  JSON.stringify({
    object: file.object,
    type: file.type,
    size: file.size,
    ...(file.name ? { name: file.name } : {}),
    digest: "",
  });

const SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"];

export const isPicture = (file: FileValue): boolean => SHOWN.includes(file.type);

/** Where the content of a row's file is. Another content is at another address, so that no old picture is shown. */
export const fileHref = (app: string, table: string, row: string, column: string, file: FileValue): string =>
  seen(path`/api/apps/${app}/tables/${table}/rows/${row}/files/${column}?${file.object}`.replace("%3F", "?"));

/** Where a small picture of a row's file is; the content itself, where there is none. */
export const smallHref = (
  app: string,
  table: string,
  row: string,
  column: string,
  file: FileValue,
): string =>
  file.small
    ? seen(
        path`/api/apps/${app}/tables/${table}/rows/${row}/files/${column}` +
          `?${new URLSearchParams({ small: file.small })}`,
      )
    : fileHref(app, table, row, column, file);

/** A size as people say it: thousands of bytes, one place for what is small. */
export function sizeText(bytes: number, locale: string): string {
  const [unit, value] =
    bytes < 1e6
      ? (["kilobyte", Math.max(bytes / 1e3, bytes ? 0.1 : 0)] as const)
      : (["megabyte", bytes / 1e6] as const);
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits }).format(value);
}
