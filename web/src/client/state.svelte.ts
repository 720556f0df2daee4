// The app at work: definition, role, engine, view. One per page, shared by every screen.
// Invariant: the view always belongs to the latest definition and language, and says whose screen it is; screens never talk
// to the engine themselves.
import type {
  AppDefinition,
  ClientApp,
  Outcome,
  RowArray,
  Scalar,
  Screen,
  TableDefinition,
  Transaction,
} from "$lib/api/types";
import type { Engine } from "$lib/engine/engine";
import type { AppView } from "$lib/engine/types";
import { language } from "$lib/i18n/language.svelte";
import { mayRows, maySee } from "./access";
import { preview, published, type Source } from "./data/source";
import { uuid7 } from "./data/uuid";
import { needsEngine } from "./layout";

/** How far the engine is. */
export type EngineState =
  | { is: "idle" | "ready" }
  | { is: "loading"; step: "engine" | "rows"; fraction?: number }
  | { is: "failed"; error: unknown };

/** A form that was begun and not sent. */
export type Draft = Record<string, Scalar>;

export class AppState {
  app = $state.raw<ClientApp>(undefined as unknown as ClientApp);
  view = $state.raw<AppView>();
  engineState = $state.raw<EngineState>({ is: "idle" });
  /** Goes up whenever rows have changed. */
  changes = $state.raw(0);
  readonly source: Source;
  readonly preview: boolean;
  /** Forms that were left unfinished, by table and row. */
  readonly drafts = new Map<string, Draft>();
  #bytes: () => Promise<ArrayBuffer>;
  #engine: Promise<Engine> | undefined;
  #stale = false;
  /** The screen that is open, which the engine's views are of. */
  #screen = "";

  constructor(app: ClientApp, bytes?: ArrayBuffer) {
    this.app = app;
    this.preview = bytes !== undefined;
    this.#bytes = bytes
      ? () => Promise.resolve(bytes.slice(0))
      : async () => (await import("./data/workbook")).workbookBytes(app.id, app.version);
    this.source = bytes ? preview(() => this.engine(), app.role) : published(app.id);
  }

  get definition(): AppDefinition {
    return this.app.definition;
  }

  /** The language of the maker's words, where it is another than the page's. */
  get lang(): string | undefined {
    const tag = this.definition.language;
    return tag && tag !== language.current ? tag : undefined;
  }

  /** The screens this person may see now, in order. */
  get screens(): Screen[] {
    const hidden = this.view?.hiddenScreens ?? [];
    return this.definition.screens.filter(
      (screen) => maySee(screen.access, this.app.role) && !hidden.includes(screen.id) && this.#useful(screen),
    );
  }

  /** A screen that is nothing but forms is of use only to those who may fill them in. */
  #useful(screen: Screen): boolean {
    const forms = screen.components.filter((component) => component.type === "form");
    if (!forms.length || screen.components.some(({ type }) => type !== "form" && type !== "text"))
      return true;
    return forms.some((form) => {
      const table = this.table(form.table);
      return table !== undefined && mayRows(table, "insert", this.app.role);
    });
  }

  table(id: string): TableDefinition | undefined {
    return this.definition.tables.find((table) => table.id === id);
  }

  /** The engine, started when first asked for; fails as the engine failed. */
  engine(): Promise<Engine> {
    this.#engine ??= this.#start({});
    return this.#engine;
  }

  /** Tries again after a failure. */
  retry(): void {
    this.#engine = undefined;
    void this.engine().catch(() => {});
  }

  /** Opens the workbook again, for another language; entries stay. */
  async reopen(): Promise<void> {
    if (!this.#engine) return;
    const old = await this.#engine.catch(() => undefined);
    const inputs = (await old?.inputs().catch(() => undefined)) ?? {};
    old?.close();
    this.#engine = this.#start(inputs);
    await this.#engine.catch(() => {});
  }

  /** Shows another definition over the same workbook, as the portal's editor asks. */
  async redefine(definition: AppDefinition): Promise<void> {
    this.app = { ...this.app, definition };
    if (this.#engine) {
      const engine = await this.engine();
      this.view = await engine.bind(definition, this.#screen);
    }
  }

  async #start(inputs: Record<string, Scalar>): Promise<Engine> {
    this.engineState = { is: "loading", step: "engine" };
    let engine: Engine | undefined;
    try {
      const loading = this.#bytes();
      loading.catch(() => {});
      const { Engine, civilNow } = await import("$lib/engine/engine");
      engine = new Engine();
      engine.progress = (fraction) => (this.engineState = { is: "loading", step: "engine", fraction });
      const { fileName, definition } = this.app;
      await engine.open(await loading, {
        fileName,
        locale: language.current,
        now: civilNow(),
      });
      let view = await engine.bind(definition, this.#screen);
      if (!this.preview) view = (await this.#loadRows(engine)) ?? view;
      if (Object.keys(inputs).length) view = await engine.setInputs(inputs);
      this.view = view;
      this.engineState = { is: "ready" };
      return engine;
    } catch (error) {
      engine?.close();
      this.engineState = { is: "failed", error };
      throw error;
    }
  }

  /** Gives the engine the rows as they are now, where screens calculate with them. */
  async #loadRows(engine: Engine): Promise<AppView | undefined> {
    this.#stale = false;
    const { snapshot } = await import("$lib/api/apps");
    let view: AppView | undefined;
    for (const table of this.definition.tables) {
      if (!mayRows(table, "see", this.app.role)) continue;
      this.engineState = { is: "loading", step: "rows" };
      const { rows } = await snapshot(this.app.id, table.id);
      view = await engine.setRows(table.id, rows);
    }
    return view;
  }

  /** Opens a screen: the view becomes that screen's, as soon as the engine is there. */
  async show(screen: string): Promise<void> {
    if (this.#screen === screen) return;
    this.#screen = screen;
    if (!this.#engine) return;
    const engine = await this.#engine;
    // Unless another one was opened meanwhile.
    if (this.#screen === screen) this.view = await engine.show(screen);
  }

  /** Brings a calculated screen up to date when rows have changed since. */
  async freshen(): Promise<void> {
    const engine = await this.engine();
    if (!this.#stale) return;
    try {
      this.view = this.preview ? await engine.view() : ((await this.#loadRows(engine)) ?? this.view);
    } finally {
      this.engineState = { is: "ready" };
    }
  }

  /** An entry; the view follows. */
  async input(id: string, value: Scalar): Promise<void> {
    const engine = await this.engine();
    this.view = await engine.input(id, value);
  }

  /** All entries at once, as a scenario keeps them; `{}` goes back to the workbook's own. */
  async setInputs(inputs: Record<string, Scalar>): Promise<void> {
    const engine = await this.engine();
    this.view = await engine.setInputs(inputs);
  }

  /** Asks for one change of rows. */
  async execute(operation: Transaction["operations"][number]): Promise<Outcome> {
    const outcome = await this.source.execute({ id: uuid7(), operations: [operation] });
    if (outcome.outcome === "applied") this.changed();
    return outcome;
  }

  /** Rows are not what they were: whoever shows them asks again. */
  changed(): void {
    this.changes++;
    this.#stale = true;
    if (this.engineState.is === "ready" && this.definition.screens.some((screen) => screen.visibleWhen))
      void this.freshen().catch(() => {});
  }

  /** Whether any screen's being there depends on a cell, so that the engine is needed before the navigation. */
  get needsEngineFirst(): boolean {
    return this.definition.screens.some((screen) => screen.visibleWhen);
  }

  /** Whether this screen is calculated. */
  calculated(screen: Screen): boolean {
    return needsEngine(screen);
  }
}

/** A row's values by column id. */
export function record(table: TableDefinition, row: RowArray): Record<string, Scalar> {
  return Object.fromEntries(table.columns.map((column, index) => [column.id, row[index + 2] ?? null]));
}
