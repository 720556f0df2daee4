// What is wrong with what is being filled in, by field: found here before it is sent, or told by whoever checked it.
// Invariant: what was typed and is no value of its kind is refused until it is one, whatever the value before was.
import type { ColumnDefinition } from "$lib/api/types";
import type { EntryProblem } from "$lib/values/entry";
import { checkValue } from "../check";
import type { Draft } from "../state.svelte";
import { entryWords, reasonWords } from "../words";

export class Slips {
  /** In the person's words, by column id. */
  words = $state.raw<Readonly<Record<string, string>>>({});
  #unread = new Map<string, EntryProblem>();

  /** Something is wrong with a field, or no longer. */
  say(column: ColumnDefinition, text: string | undefined): void {
    const { [column.id]: _, ...rest } = this.words;
    this.words = text ? { ...rest, [column.id]: text } : rest;
  }

  /** What was typed is no value of the column's kind, or is one again. */
  unreadable(column: ColumnDefinition, problem: EntryProblem | undefined): void {
    if (problem) this.#unread.set(column.id, problem);
    else this.#unread.delete(column.id);
    this.say(column, problem && entryWords(problem));
  }

  /** Looks at every field; whether all is well. */
  check(columns: readonly ColumnDefinition[], values: Draft): boolean {
    const found: Record<string, string> = {};
    for (const column of columns) {
      const unread = this.#unread.get(column.id);
      const reason = checkValue(column, values[column.id] ?? null);
      if (unread) found[column.id] = entryWords(unread);
      else if (reason) found[column.id] = reasonWords(reason, column.validation);
    }
    this.words = found;
    return Object.keys(found).length === 0;
  }

  forget(): void {
    this.#unread.clear();
    this.words = {};
  }
}
