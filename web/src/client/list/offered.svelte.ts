// The actions that are offered now: those whose condition holds.
// Invariant: a button is never there before its condition was looked at; when that fails, all are there, and whoever runs
// one hears why it is refused.
import type { ActionDefinition } from "$lib/api/types";
import type { Source } from "../data/source";

export class Offered {
  #may = $state.raw<ReadonlySet<string>>();
  #looks = 0;

  /** Looks at the conditions of these, on a row or on none; what was known stays until the answer has come. */
  async look(
    source: Source,
    actions: readonly ActionDefinition[],
    on?: { table: string; row: string },
  ): Promise<void> {
    const look = ++this.#looks;
    let may = actions.map(({ id }) => id);
    if (actions.some(({ when }) => when)) may = await source.runnable(on).catch(() => may);
    if (look === this.#looks) this.#may = new Set(may);
  }

  /** Of these, those to offer. */
  of(actions: readonly ActionDefinition[]): ActionDefinition[] {
    return actions.filter(({ id, when }) => !when || this.#may?.has(id));
  }
}
