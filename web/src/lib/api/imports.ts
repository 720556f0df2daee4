// Rows out of a file, into a table of an app.
import { ApiError, ask, askJson, path } from "./http";
import type { ProblemDetails, Reason } from "./types";

/** A file as it would be imported. */
export interface ImportPreview {
  sheets: string[];
  sheet: string;
  rows: number;
  most: number;
  columns: ImportColumn[];
  /** The column by which rows that are there are found again; none where they cannot be changed. */
  key: string | null;
  /** The column of the file by which rows that others have changed since are told; none where it has none. */
  changed: string | null;
}

/** A column of a file. */
export interface ImportColumn {
  name: string;
  samples: string[];
  /** The column of the table that is called so. */
  column: string | null;
}

/** What is wrong with a row of the file. */
export interface ImportProblem {
  row: number;
  column: string | null;
  value: string | null;
  reason: Reason;
}

export type Imported =
  | { outcome: "applied"; added: number; changed: number; unchanged: number }
  | { outcome: "refused"; problems: ImportProblem[]; total: number };

/** Where rows go. */
export interface Place {
  app: string;
  table: string;
}

const named = (file: File) => ({
  "x-file-name": encodeURIComponent(file.name),
  "content-type": "application/octet-stream",
});

/** What is in a file; nothing of it is kept. */
export function previewImport(
  { app, table }: Place,
  file: File,
  sheet: string | undefined,
  signal: AbortSignal,
): Promise<ImportPreview> {
  const query = sheet === undefined ? "" : `?${new URLSearchParams({ sheet })}`;
  return askJson("POST", path`/api/apps/${app}/tables/${table}/import/preview` + query, {
    body: file,
    headers: named(file),
    signal,
  });
}

/** How a file is taken over. The same `transaction` with the same file and settings is done once. */
export interface ImportWish {
  sheet: string;
  columns: string;
  rows: "add" | "change";
  transaction: string;
}

/** Imports a file: all of its rows or none. A refusal is an answer. */
export async function importRows(
  { app, table }: Place,
  file: File,
  wish: ImportWish,
  signal: AbortSignal,
): Promise<Imported> {
  const to = path`/api/apps/${app}/tables/${table}/import` + `?${new URLSearchParams({ ...wish })}`;
  const response = await ask("POST", to, {
    body: file,
    headers: named(file),
    signal,
    expect: [403, 409, 422],
  });
  const answer = (await response.json()) as Imported | Partial<ProblemDetails>;
  if ("outcome" in answer) return answer;
  throw new ApiError({ ...answer, status: response.status });
}
