// What the editor's panes share: the definition with its history, the selection, the workbench, what the checks found.
import { getContext, setContext } from "svelte";
import type { AppDefinition, DefinitionProblem } from "$lib/api/types";
import { checkDefinition } from "../app/apps";
import { creation } from "../creation/creation.svelte";
import { app, atPath, key, place, type Selection } from "./state/find";
import * as operations from "./state/operations";
import type { Target } from "./state/operations";
import { Workbench } from "./workbench.svelte";

const KEY = Symbol("editor");
export type Pane = "outline" | "properties" | "sheet" | "preview";

/** A problem with where it leads. */
export interface Located {
  problem: DefinitionProblem;
  selection: Selection;
}

export class EditorContext {
  readonly workbench = new Workbench();
  /** The sheet whose tab is open, and the active cell on it. */
  sheet = $state(
    creation.outline.sheets.find((sheet) => !sheet.hidden)?.name ?? creation.outline.sheets[0]?.name ?? "",
  );
  active = $state.raw({ row: 1, column: 1 });
  /** On narrow screens one pane at a time. */
  pane = $state<Pane>("outline");
  problems = $state.raw<readonly Located[]>([]);
  /** The column somebody is led to: its table, its id. */
  column = $state.raw<{ table: string; id: string } | undefined>();
  /** What is said to screen readers. */
  said = $state("");
  #checking: AbortController | undefined;

  get definition(): AppDefinition {
    // The editor is only mounted while there is one.
    return creation.editor?.definition as AppDefinition;
  }

  get selection(): Selection {
    return creation.editor?.selection ?? app;
  }

  select(selection: Selection): void {
    creation.act({ type: "select", selection });
  }

  edit(change: (definition: AppDefinition) => AppDefinition, merge?: string): void {
    creation.edit(change, merge);
  }

  /** Adds and selects. */
  add(change: (definition: AppDefinition) => AppDefinition, select: Selection): void {
    creation.act({ type: "edit", definition: change(this.definition), select });
  }

  remove(selection: Selection): void {
    const found = place(this.definition, selection);
    const parent: Selection = found?.field
      ? { kind: "component", id: found.component?.id ?? "" }
      : found?.component
        ? { kind: "screen", id: found.screen.id }
        : app;
    creation.act({ type: "edit", definition: operations.remove(this.definition, selection), select: parent });
  }

  move(selection: Selection, target: Target): void {
    this.edit((definition) => operations.move(definition, selection, target));
  }

  moveBy(selection: Selection, by: -1 | 1): void {
    this.edit((definition) => operations.moveBy(definition, selection, by));
  }

  /** Goes to what a path of the definition is about. */
  jump(path: string): void {
    this.select(atPath(this.definition, path));
    const [, table, column] = /^tables\/(\d+)\/columns\/(\d+)/.exec(path) ?? [];
    const own = this.definition.tables[Number(table)];
    const id = own?.columns[Number(column)]?.id;
    this.column = own && id !== undefined ? { table: own.id, id } : undefined;
    this.pane = "properties";
  }

  /** Problems of what is selected. */
  problemsOf(selection: Selection): readonly Located[] {
    return this.problems.filter((one) => key(one.selection) === key(selection));
  }

  /** Asks the server and the engine what is wrong; the latest question wins. */
  async check(): Promise<void> {
    this.#checking?.abort();
    const asked = (this.#checking = new AbortController());
    const definition = this.definition;
    const token = creation.current?.token ?? "";
    const both = await Promise.allSettled([
      checkDefinition(token, definition, asked.signal),
      this.workbench.validate(definition),
    ]);
    if (asked.signal.aborted || definition !== creation.editor?.definition) return;
    const found = both.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const unique = new Map(found.map((problem) => [`${problem.path} ${problem.code}`, problem]));
    this.problems = [...unique.values()].map((problem) => ({
      problem,
      selection: atPath(definition, problem.path),
    }));
  }

  close(): void {
    this.#checking?.abort();
    this.workbench.close();
  }
}

export function provide(): EditorContext {
  return setContext(KEY, new EditorContext());
}

export function useEditor(): EditorContext {
  return getContext<EditorContext>(KEY);
}
