// The engine over the workbook being edited: cells for the sheet grid, the comparison with the file, the check.
// Invariant: a cell is fetched once; the workbook does not change while its app is edited.
import { words } from "$lib/api/http";
import { civilNow, Engine } from "$lib/engine/engine";
import type { Comparison } from "$lib/engine/types";
import type { AppDefinition, DefinitionProblem } from "$lib/api/types";
import { language } from "$lib/i18n/language.svelte";
import { creation } from "../creation/creation.svelte";
import type { SheetCell } from "../workbook";
import type { Rectangle } from "./state/cells";
import { BLOCK_COLUMNS, BLOCK_ROWS, blocks, type Window } from "./grid/viewport";

type Progress =
  | { state: "opening"; fraction: number | undefined }
  | { state: "open" }
  | { state: "failed"; message: string };

export class Workbench {
  progress = $state.raw<Progress>({ state: "opening", fraction: undefined });
  /** Counts blocks that have come, so that what shows cells is drawn anew. */
  arrived = $state(0);
  #engine: Engine | undefined;
  #cells = new Map<string, SheetCell>();
  #asked = new Set<string>();

  constructor() {
    void this.#open();
  }

  async #open(): Promise<void> {
    try {
      this.#engine = new Engine();
      this.#engine.progress = (fraction) => (this.progress = { state: "opening", fraction });
      await this.#engine.open(await creation.bytes(), {
        fileName: creation.current?.fileName ?? "",
        locale: language.current,
        now: civilNow(),
      });
      this.progress = { state: "open" };
    } catch (error) {
      this.progress = { state: "failed", message: words(error) };
    }
  }

  /** The cell, as far as it has come. */
  cell(sheet: string, row: number, column: number): SheetCell | undefined {
    return this.#cells.get(`${sheet}!${row}!${column}`);
  }

  /** All cells of a sheet that have come. */
  known(sheet: string): SheetCell[] {
    const prefix = `${sheet}!`;
    return [...this.#cells].filter(([name]) => name.startsWith(prefix)).map(([, cell]) => cell);
  }

  /** The cells around one, for its label. */
  around(sheet: string, row: number, column: number): SheetCell[] {
    const found = [];
    for (let left = Math.max(1, column - 12); left < column; left++) found.push(this.cell(sheet, row, left));
    found.push(this.cell(sheet, row - 1, column));
    return found.filter((cell) => cell !== undefined);
  }

  /** Sees to it that the cells of a window come. */
  show(sheet: string, window: Window): void {
    if (this.progress.state !== "open" || !this.#engine) return;
    for (const { top, left } of blocks(window)) {
      const name = `${sheet}!${top}!${left}`;
      if (this.#asked.has(name)) continue;
      this.#asked.add(name);
      this.#engine
        .cells(sheet, top, left, top + BLOCK_ROWS - 1, left + BLOCK_COLUMNS - 1)
        .then((cells) => {
          for (const cell of cells) this.#cells.set(`${sheet}!${cell.row}!${cell.column}`, cell);
          this.arrived++;
        })
        .catch(() => this.#asked.delete(name));
    }
  }

  /** Sees to it that the first row of an area comes. */
  showHeader({ sheet, top, left, right }: Rectangle): void {
    this.show(sheet, { top, left, bottom: top, right });
  }

  compare(): Promise<Comparison> {
    return this.#engine?.compare() ?? Promise.reject(new Error("not open"));
  }

  /** What is wrong with a definition, by the engine's own check; nothing while it is not open. */
  async validate(definition: AppDefinition): Promise<DefinitionProblem[]> {
    if (this.progress.state !== "open") return [];
    return (await this.#engine?.validate(definition)) ?? [];
  }

  close(): void {
    this.#engine?.close();
  }
}
