// Removing a row, with a way back.
import type { RowArray, TableDefinition } from "$lib/api/types";
import { calm, words } from "$lib/api/http";
import { toasts } from "$lib/ui/toasts.svelte";
import { isEntered } from "$lib/values/entered";
import { uuid7 } from "../data/uuid";
import { m } from "./m";
import { record, type AppState } from "../state.svelte";
import { reasonWords } from "../words";

/** Removes the row and offers to put it back; false when it was refused, which is told. */
export async function removeRow(
  app: AppState,
  table: TableDefinition,
  row: RowArray,
  title: string,
): Promise<boolean> {
  const [id, baseVersion] = row;
  try {
    const outcome = await app.execute({ type: "delete", table: table.id, id, baseVersion });
    if (outcome.outcome === "refused") {
      const reason = outcome.problems[0]?.reason;
      toasts.show(reason ? reasonWords(reason) : m.row_not_deleted(), { tone: "error" });
      return false;
    }
  } catch (error) {
    const text = words(error);
    toasts.show(text, { tone: calm(text) ? "info" : "error" });
    return false;
  }
  const undo = { label: m.undo(), run: () => void putBack(app, table, row) };
  toasts.show(m.row_deleted({ title }), { action: undo });
  return true;
}

/** The same values as a new row: a deleted row's id and history stay deleted. */
async function putBack(app: AppState, table: TableDefinition, row: RowArray): Promise<void> {
  const all = record(table, row);
  const entered = table.columns.filter(isEntered).map(({ id }) => [id, all[id] ?? null]);
  try {
    const values = Object.fromEntries(entered);
    const outcome = await app.execute({ type: "insert", table: table.id, id: uuid7(), values });
    if (outcome.outcome === "applied") toasts.show(m.row_restored());
    else toasts.show(m.row_not_restored(), { tone: "error" });
  } catch (error) {
    toasts.show(words(error), {
      tone: "error",
      action: { label: m.retry(), run: () => void putBack(app, table, row) },
    });
  }
}
