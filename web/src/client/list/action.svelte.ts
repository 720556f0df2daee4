// An action, of a row or of none, being filled in and run.
// Invariant: a refusal loses nothing that was entered, and says which step and which column it is about.
import type {
  ActionDefinition,
  ColumnDefinition,
  Outcome,
  Problem,
  RowArray,
  Scalar,
  TableDefinition,
} from "$lib/api/types";
import { words } from "$lib/api/http";
import type { EntryProblem } from "$lib/values/entry";
import { mayRun } from "../access";
import { m } from "./m";
import type { AppState, Draft } from "../state.svelte";
import { reasonWords } from "../words";
import { blank, type Filling } from "./form.svelte";
import { Slips } from "./slips.svelte";
import { coerce } from "./values";

export type Ran = "done" | "refused" | "conflict" | "failed";

export class ActionForm implements Filling {
  readonly action: ActionDefinition;
  /** The parameters, as fields of a form have them. */
  readonly table: TableDefinition;
  readonly columns: readonly ColumnDefinition[];
  readonly resumed = false;
  values = $state.raw<Draft>({});
  failure = $state.raw("");
  busy = $state.raw(false);
  /** The row it was called on is no more. */
  gone = false;
  #app: AppState;
  #row: RowArray | undefined;
  #slips = new Slips();

  constructor(app: AppState, action: ActionDefinition, row?: RowArray) {
    this.#app = app;
    this.#row = row;
    this.action = action;
    this.columns = (action.parameters ?? []).map(({ help: _, ...parameter }) => ({
      ...parameter,
      offset: 0,
    }));
    const source = { from: "table" as const, name: "" };
    this.table = { id: action.id, title: action.title, source, columns: [...this.columns] };
    this.values = blank(this.columns);
  }

  get problems(): Readonly<Record<string, string>> {
    return this.#slips.words;
  }

  get changed(): Draft {
    return this.values;
  }

  /** Nothing is to be filled in and nothing to be asked before it runs. */
  get plain(): boolean {
    return this.columns.length === 0 && !this.action.confirmation;
  }

  help(column: ColumnDefinition): string | undefined {
    return this.action.parameters?.find(({ id }) => id === column.id)?.help;
  }

  set(column: ColumnDefinition, value: Scalar): void {
    this.values = { ...this.values, [column.id]: coerce(column, value) };
    this.#slips.say(column, undefined);
  }

  unreadable(column: ColumnDefinition, problem: EntryProblem | undefined): void {
    this.#slips.unreadable(column, problem);
  }

  discard(): void {
    this.#slips.forget();
    this.values = blank(this.columns);
    this.failure = "";
  }

  /** The row as it is now, after a conflict. */
  rebase(row: RowArray): void {
    this.#row = row;
  }

  /** Checks and runs. */
  async run(): Promise<Ran> {
    if (!this.#slips.check(this.columns, this.values)) return "refused";
    this.busy = true;
    this.failure = "";
    try {
      const called = this.#row && { row: this.#row[0], baseVersion: this.#row[1] };
      const given = Object.entries(this.values).filter(([, value]) => value !== null && value !== "");
      return this.#take(
        await this.#app.execute({
          type: "call",
          action: this.action.id,
          ...called,
          arguments: Object.fromEntries(given),
        }),
      );
    } catch (error) {
      this.failure = words(error);
      return "failed";
    } finally {
      this.busy = false;
    }
  }

  #take(outcome: Outcome): Ran {
    if (outcome.outcome === "applied") {
      const own = outcome.rows.filter(({ id }) => id === this.#row?.[0]);
      this.gone = own.at(-1)?.version === null;
      return "done";
    }
    const found: Record<string, string> = {};
    const rest: string[] = [];
    for (const problem of outcome.problems) {
      const column = this.columns.find(({ id }) => id === problem.within?.parameter);
      if (column) found[column.id] = reasonWords(problem.reason, column.validation);
      else rest.push(this.#place(problem));
    }
    this.#slips.words = found;
    this.failure = rest.join(" ");
    return outcome.problems.some(({ reason }) => reason.code === "conflict") ? "conflict" : "refused";
  }

  /** A reason with the step and the column it is about. */
  #place({ reason, column, within }: Problem): string {
    const step = within?.step;
    if (step === undefined) return reasonWords(reason);
    const does = this.action.steps[step];
    const id = does && does.do !== "set" ? does.table : this.action.table;
    const table = this.#app.definition.tables.find((candidate) => candidate.id === id);
    const title = table?.columns.find((candidate) => candidate.id === column)?.title;
    return title
      ? m.action_step({ step: step + 1, place: title, reason: reasonWords(reason) })
      : m.action_step_only({ step: step + 1, reason: reasonWords(reason) });
  }
}

/** The actions that this person may run on rows of a table. */
export function actionsOf(app: AppState, table: TableDefinition): ActionDefinition[] {
  const all = app.definition.actions ?? [];
  return all.filter((action) => action.table === table.id && mayRun(action, app.app.role));
}
