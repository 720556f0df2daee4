// What a browser tab remembers of an app in the making, so that a reload continues.
// Invariant: kept in session storage only; the token ends with the tab, and the workbook itself is never kept there.
import type { AppDefinition } from "$lib/api/types";

export interface Saved {
  token: string;
  fileName: string;
  /** The definition as edited; absent until a suggestion was chosen. */
  definition?: AppDefinition | undefined;
  /** Ids of refused suggestions. */
  refused?: string[] | undefined;
}

const KEY = "gridkeep.creation";

/** What is remembered, if it can be read. */
export function restore(storage: Storage | undefined): Saved | undefined {
  try {
    const found: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    if (typeof found !== "object" || found === null) return undefined;
    const { token, fileName } = found as Partial<Saved>;
    return typeof token === "string" && typeof fileName === "string" ? (found as Saved) : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers, or forgets when there is nothing. A full storage loses the memory, never the work. */
export function store(storage: Storage | undefined, saved: Saved | undefined): void {
  try {
    if (saved) storage?.setItem(KEY, JSON.stringify(saved));
    else storage?.removeItem(KEY);
  } catch {
    // Nothing to do: the page still has everything.
  }
}
