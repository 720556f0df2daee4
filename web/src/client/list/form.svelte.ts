// A row being filled in: values, what is wrong with them, sending.
// Invariant: a refusal loses nothing that was entered; only what differs from the base is sent.
import type { ColumnDefinition, Outcome, Reason, RowArray, Scalar, TableDefinition } from "$lib/api/types";
import { words } from "$lib/api/http";
import type { EntryProblem } from "$lib/values/entry";
import { isEntered } from "$lib/values/entered";
import { uuid7 } from "../data/uuid";
import { record, type AppState, type Draft } from "../state.svelte";
import { reasonWords } from "../words";
import { Slips } from "./slips.svelte";
import { coerce } from "./values";

export type Sent = "applied" | "refused" | "conflict" | "failed";

/** What the fields of a form need to know of it. */
export interface Filling {
  readonly table: TableDefinition;
  readonly columns: readonly ColumnDefinition[];
  readonly values: Draft;
  readonly problems: Readonly<Record<string, string>>;
  readonly failure: string;
  readonly resumed: boolean;
  readonly changed: Draft;
  set(column: ColumnDefinition, value: Scalar): void;
  unreadable(column: ColumnDefinition, problem: EntryProblem | undefined): void;
  /** The row that contents are sent for, where there are any. */
  readonly row?: string;
  /** Something is wrong with a content, or no longer. */
  refuse?(column: ColumnDefinition, text: string | undefined): void;
  /** A content is on its way: the form is sent when it has come. */
  wait?(sent: Promise<unknown>): void;
  discard(): void;
  /** A sentence of help for a field. */
  help?(column: ColumnDefinition): string | undefined;
}

export class RowForm implements Filling {
  readonly table: TableDefinition;
  readonly columns: readonly ColumnDefinition[];
  values = $state.raw<Draft>({});
  /** What is wrong with the row as a whole, or with sending it. */
  failure = $state.raw("");
  busy = $state.raw(false);
  /** The row that was written. */
  saved: string | undefined;
  /** The row's id, which a new one has before it is sent: contents are stored for it. */
  readonly row: string;
  #pending = new Set<Promise<unknown>>();
  #app: AppState;
  #base: RowArray | undefined;
  #original: Draft;
  #key: string;
  #slips = new Slips();

  constructor(app: AppState, table: TableDefinition, columns: readonly ColumnDefinition[], base?: RowArray) {
    this.#app = app;
    this.table = table;
    this.columns = columns;
    this.#base = base;
    this.#original = base ? record(table, base) : blank(columns);
    this.#key = `${table.id}/${base?.[0] ?? "new"}`;
    const draft = app.drafts.get(this.#key);
    this.row = base?.[0] ?? String(draft?.[ROW] ?? uuid7());
    this.values = { ...this.#original, ...draft };
  }

  /** Whether an unfinished draft was taken up again. */
  get resumed(): boolean {
    return this.#app.drafts.has(this.#key);
  }

  get problems(): Readonly<Record<string, string>> {
    return this.#slips.words;
  }

  set(column: ColumnDefinition, value: Scalar): void {
    this.values = { ...this.values, [column.id]: coerce(column, value) };
    this.#slips.say(column, undefined);
    this.#app.drafts.set(this.#key, { ...this.values, [ROW]: this.row });
  }

  /** What was typed is no value of the column's kind, or is one again. */
  unreadable(column: ColumnDefinition, problem: EntryProblem | undefined): void {
    this.#slips.unreadable(column, problem);
  }

  refuse(column: ColumnDefinition, text: string | undefined): void {
    this.#slips.say(column, text);
  }

  wait(sent: Promise<unknown>): void {
    this.#pending.add(sent);
    void sent.catch(() => {}).then(() => this.#pending.delete(sent));
  }

  /** Forgets what was entered. */
  discard(): void {
    this.#app.drafts.delete(this.#key);
    this.#slips.forget();
    this.values = { ...this.#original };
    this.failure = "";
  }

  /** What was entered and differs from the base. */
  get changed(): Draft {
    const entries = this.columns
      .map((column) => [column.id, this.values[column.id] ?? null] as const)
      .filter(([id, value]) => value !== (this.#original[id] ?? null));
    return Object.fromEntries(entries);
  }

  /** Builds on a newer form of the row, keeping what was entered. */
  rebase(base: RowArray, values: Draft): void {
    this.#base = base;
    this.#original = record(this.table, base);
    this.values = { ...this.#original, ...values };
  }

  /** Checks and sends. */
  async send(): Promise<Sent> {
    this.busy = true;
    this.failure = "";
    try {
      if ((await Promise.allSettled(this.#pending)).some((sent) => sent.status === "rejected"))
        return "refused";
      // The value follows in the control's own turn.
      await Promise.resolve();
      if (!this.#slips.check(this.columns, this.values)) return "refused";
      return this.#take(await this.#app.execute(this.#operation()));
    } catch (error) {
      this.failure = words(error);
      return "failed";
    } finally {
      this.busy = false;
    }
  }

  #operation() {
    const table = this.table.id;
    if (!this.#base) {
      const id = (this.saved = this.row);
      return { type: "insert" as const, table, id, values: this.#entered() };
    }
    const [id, baseVersion] = this.#base;
    this.saved = id;
    return { type: "update" as const, table, id, baseVersion, values: this.changed };
  }

  #entered(): Draft {
    return Object.fromEntries(this.columns.map((column) => [column.id, this.values[column.id] ?? null]));
  }

  #take(outcome: Outcome): Sent {
    if (outcome.outcome === "applied") {
      this.#app.drafts.delete(this.#key);
      return "applied";
    }
    const conflict = outcome.problems.some(({ reason }) => reason.code === "conflict");
    if (conflict && this.#base) return "conflict";
    const found: Record<string, string> = {};
    for (const { column: id, reason } of outcome.problems) {
      const column = this.columns.find((candidate) => candidate.id === id);
      if (column) found[column.id] = reasonWords(reason, column.validation);
      else this.failure = this.#general(id, reason);
    }
    this.#slips.words = found;
    return "refused";
  }

  #general(id: string | null, reason: Reason): string {
    const title = this.table.columns.find((column) => column.id === id)?.title;
    return title ? `${title}: ${reasonWords(reason)}` : reasonWords(reason);
  }
}

/** Where a draft keeps the id of its row; no column is called so. */
const ROW = "#row";

/** A new row: switches are off, everything else is blank. */
export function blank(columns: readonly ColumnDefinition[]): Draft {
  return Object.fromEntries(
    columns.map((column) => [column.id, column.type.name === "boolean" ? false : null]),
  );
}

/** The columns a person fills in, of those named. */
export function enterable(table: TableDefinition, ids: readonly string[]): ColumnDefinition[] {
  return [...new Set(ids)]
    .map((id) => table.columns.find((column) => column.id === id))
    .filter((column): column is ColumnDefinition => column !== undefined && isEntered(column));
}
