// The engine's face (bindings/wasm) as the web uses it.
import type {
  DefinitionProblem,
  ImportReport,
  Outcome,
  Outline,
  Reason,
  RowsPage,
  Scalar,
} from "../api/types";

/** One value as a screen shows it. Numbers as numbers (percent 0.05), dates as ISO text. */
export interface FieldView {
  value: Scalar;
  /** Formatted as Excel shows it, in the engine's locale. */
  text: string;
  /** A number without a number format. */
  general?: boolean;
  /** An error value such as `#N/A`. */
  error?: string;
  /** The last input was refused; `value` is what was entered. */
  invalid?: Reason;
  visible: boolean;
  choices?: string[];
}

export interface ChartData {
  categories: string[];
  series: { label: string; values: (number | null)[]; texts: string[] }[];
}

/** What the open screen shows now, and which screens there are not. */
export interface AppView {
  /** Id of the open screen. */
  screen: string;
  /** Of all screens. */
  hiddenScreens: string[];
  hiddenComponents: string[];
  fields: Record<string, FieldView>;
  grids: Record<string, FieldView[][]>;
  charts: Record<string, ChartData>;
  calculationMs: number;
}

/** A cell of the sheet grid. */
export interface CellShown {
  row: number;
  column: number;
  text: string;
  kind: "number" | "text" | "boolean" | "error" | "blank";
  formula?: string;
}

/** The workbook's cached values against ours. */
export interface Comparison {
  cells: number;
  equal: number;
  skipped: number;
  /** Of the skipped: those the file has no value for. */
  uncached: number;
  differences: { cell: string; expected: unknown; actual: unknown }[];
  omitted: number;
}

/** The wasm class: JSON text in and out. */
export interface Workbench {
  report(): string;
  outline(): string;
  cells(sheet: string, top: number, left: number, bottom: number, right: number): string;
  compare(): string;
  bind(definition: string, screen?: string): string;
  show(screen: string): string;
  view(): string;
  input(id: string, valueJson: string): string;
  inputs(): string;
  setInputs(json: string): string;
  rows(table: string, request: string): string;
  transact(transaction: string, role: string): string;
  runnable(table: string, row: string, role: string): string;
  setRows(table: string, rows: string): string;
  validate(definition: string): string;
  free(): void;
}

/** The wasm module as wasm-bindgen writes it. */
export interface EngineModule {
  default(options: { module_or_path: unknown }): Promise<unknown>;
  init_panic_hook(): void;
  Workbench: { open(bytes: Uint8Array, fileName: string, nowIso: string, locale: "en" | "de"): Workbench };
}

/** What each method gives once its JSON is read. */
export interface Answers {
  report: ImportReport;
  outline: Outline;
  cells: CellShown[];
  compare: Comparison;
  bind: AppView;
  show: AppView;
  view: AppView;
  inputs: Record<string, Scalar>;
  setInputs: AppView;
  rows: RowsPage;
  transact: Outcome;
  runnable: string[];
  setRows: AppView;
  validate: DefinitionProblem[];
}

export type Method = keyof Answers;

/** What the worker is asked. `inputs` are applied in order and answered with one view. */
export type EngineRequest =
  | { id: number; open: { bytes: ArrayBuffer; fileName: string; now: string; locale: "en" | "de" } }
  | { id: number; inputs: [id: string, value: Scalar][] }
  | { id: number; method: Method; parameters: (string | number)[] };

/** What it answers. */
export type EngineReply =
  | { id: number; json: string }
  | { id: number; failure: { code: string; message: string; place?: string } }
  | { progress: number };
