// Where rows come from and go to: the server for a published app, the engine's own copy for a preview.
// Invariant: screens know only this interface.
import { execute, getRows, getRunnable } from "$lib/api/apps";
import type { Outcome, Role, RowArray, RowsPage, RowsRequest, Scalar, Transaction } from "$lib/api/types";
import type { Engine } from "$lib/engine/engine";

export interface Source {
  rows(table: string, request: RowsRequest, signal?: AbortSignal): Promise<RowsPage>;
  execute(transaction: Transaction): Promise<Outcome>;
  /** Ids of the actions that can be run now, on a row or on none. */
  runnable(on?: { table: string; row: string }): Promise<string[]>;
}

/** Rows of a published app. */
export function published(app: string): Source {
  return {
    rows: (table, request, signal) => getRows(app, table, request, signal),
    execute: (transaction) => execute(app, transaction),
    runnable: (on) => getRunnable(app, on),
  };
}

/** Rows inside the engine; nothing leaves the browser. */
export function preview(engine: () => Promise<Engine>, role: Role): Source {
  return {
    rows: async (table, request) => (await engine()).rows(table, request),
    execute: async (transaction) => (await engine()).transact(transaction, role),
    runnable: async (on) => (await engine()).runnable(on?.table ?? "", on?.row ?? "", role),
  };
}

/** The row with this id, if there is one. */
export async function findRow(source: Source, table: string, id: string): Promise<RowArray | undefined> {
  const page = await source.rows(table, { id, limit: 1 });
  return page.rows[0];
}

/**
 * The different values of a column, ascending and without blanks, read by jumping from one to the next; `undefined`
 * when there are more than `most`.
 */
export async function distinct(
  source: Source,
  table: string,
  column: string,
  most = 60,
): Promise<Scalar[] | undefined> {
  const limit = 200;
  const found: Scalar[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await source.rows(table, {
      sort: { column },
      filters: [
        last === undefined
          ? { column, operator: "ne", value: null }
          : { column, operator: "gt", value: last },
      ],
      limit,
    });
    const index = page.columns.indexOf(column) + 2;
    for (const row of page.rows) if (row[index] !== found.at(-1)) found.push(row[index] as Scalar);
    if (found.length > most) return undefined;
    if (page.rows.length < limit || found.at(-1) === last) return found;
  }
}
