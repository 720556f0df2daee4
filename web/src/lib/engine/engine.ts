// The engine from the page's side: promises over messages to the worker.
// Invariant: of inputs that come faster than they are calculated only the latest of each field is calculated.
import { EngineError } from "./error";
import type { AppDefinition, DefinitionProblem, ImportReport, Outcome, Outline } from "../api/types";
import type { Role, RowArray, RowsPage, RowsRequest, Scalar, Transaction } from "../api/types";
import type { Answers, AppView, CellShown, Comparison, EngineReply, EngineRequest, Method } from "./types";

/** The part of a Worker that is used; tests give their own. */
export type Port = Pick<Worker, "postMessage" | "addEventListener" | "terminate">;

type Body = EngineRequest extends infer R ? (R extends EngineRequest ? Omit<R, "id"> : never) : never;
interface Waiting {
  resolve: (json: unknown) => void;
  reject: (error: Error) => void;
}

export class Engine {
  /** Hears how much of the engine has been loaded, from 0 to 1. */
  progress: ((fraction: number) => void) | undefined;
  #port: Port;
  #next = 1;
  #waiting = new Map<number, Waiting>();
  #pending = new Map<string, Scalar>();
  #flush: Promise<AppView> | undefined;

  constructor(port: Port = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })) {
    this.#port = port;
    port.addEventListener("message", (event: MessageEvent<EngineReply>) => this.#hear(event.data));
    port.addEventListener("error", (event: ErrorEvent) => this.#fail(event.message || "the engine stopped"));
  }

  /** Opens a workbook; the bytes move to the worker. `now` is the civil date and time of the person. */
  async open(
    bytes: ArrayBuffer,
    options: { fileName: string; locale: "en" | "de"; now: string },
  ): Promise<void> {
    const { fileName, locale, now } = options;
    await this.#ask({ open: { bytes, fileName, now, locale } }, [bytes]);
  }

  /** Takes an input and gives the view in which it, or a later one of the same field, has taken effect. */
  input(id: string, value: Scalar): Promise<AppView> {
    this.#pending.delete(id);
    this.#pending.set(id, value);
    this.#flush ??= this.#send();
    return this.#flush;
  }

  async #send(): Promise<AppView> {
    await Promise.allSettled([this.#last]);
    const inputs = [...this.#pending];
    this.#pending.clear();
    this.#flush = undefined;
    const sent = this.#ask({ inputs }) as Promise<AppView>;
    this.#last = sent;
    return sent;
  }
  #last: Promise<unknown> | undefined;

  /** Puts an app over the workbook with this screen open, or its first where it has no such screen. */
  bind = (definition: AppDefinition, screen: string): Promise<AppView> =>
    this.#call("bind", JSON.stringify(definition), screen);
  /** Opens another screen: the views of all later answers are of that one. */
  show = (screen: string): Promise<AppView> => this.#call("show", screen);
  view = (): Promise<AppView> => this.#call("view");
  inputs = (): Promise<Record<string, Scalar>> => this.#call("inputs");
  setInputs = (inputs: Record<string, Scalar>): Promise<AppView> =>
    this.#call("setInputs", JSON.stringify(inputs));
  rows = (table: string, request: RowsRequest): Promise<RowsPage> =>
    this.#call("rows", table, JSON.stringify(request));
  transact = (transaction: Transaction, role: Role): Promise<Outcome> =>
    this.#call("transact", JSON.stringify(transaction), role);
  /** Ids of the actions that can be run now on a row, or, without a table, on none. */
  runnable = (table: string, row: string, role: Role): Promise<string[]> =>
    this.#call("runnable", table, row, role);
  setRows = (table: string, rows: readonly RowArray[]): Promise<AppView> =>
    this.#call("setRows", table, JSON.stringify(rows));
  report = (): Promise<ImportReport> => this.#call("report");
  outline = (): Promise<Outline> => this.#call("outline");
  cells = (sheet: string, top: number, left: number, bottom: number, right: number): Promise<CellShown[]> =>
    this.#call("cells", sheet, top, left, bottom, right);
  compare = (): Promise<Comparison> => this.#call("compare");
  validate = (definition: AppDefinition): Promise<DefinitionProblem[]> =>
    this.#call("validate", JSON.stringify(definition));

  /** Ends the worker; what still waits fails. */
  close(): void {
    this.#port.terminate();
    this.#fail("the engine was closed");
  }

  #call<M extends Method>(method: M, ...parameters: (string | number)[]): Promise<Answers[M]> {
    return this.#ask({ method, parameters }) as Promise<Answers[M]>;
  }

  #ask(body: Body, transfer: Transferable[] = []): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, ...body }, transfer);
    });
  }

  #hear(reply: EngineReply): void {
    if ("progress" in reply) return this.progress?.(reply.progress);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("json" in reply) waiting?.resolve(JSON.parse(reply.json));
    else waiting?.reject(new EngineError(reply.failure));
  }

  #fail(message: string): void {
    const error = new EngineError({ code: "stopped", message });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The person's date and time without zone, as the engine's clock takes it. */
export function civilNow(date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
