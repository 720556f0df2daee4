// Rows of a long list, read page by page as they come into sight.
// Invariant: a row that was once shown stays until its newer form has come; what was asked for before a change of the
// question never shows up under the new one.
import type { RowArray, RowsRequest } from "$lib/api/types";
import type { Source } from "./source";

const PAGE = 100;
/** Pages kept; those farthest from sight go first. */
const KEPT = 40;

export class Pages {
  /** Rows that match; undefined until the first answer. */
  total = $state.raw<number>();
  failure = $state.raw<unknown>();
  #rows = $state.raw<ReadonlyMap<number, readonly RowArray[]>>(new Map());
  #question: RowsRequest = {};
  #asked = new Map<number, AbortController>();
  #fresh = new Set<number>();
  #source: Source;
  #table: string;
  #sight: [number, number] = [0, 30];

  constructor(source: Source, table: string) {
    this.#source = source;
    this.#table = table;
  }

  /** Asks another question; the old rows are forgotten. */
  ask(question: RowsRequest): void {
    this.#stop();
    this.#question = question;
    this.#rows = new Map();
    this.#fresh.clear();
    this.total = undefined;
    this.#sight = [0, 30];
    this.show(...this.#sight);
  }

  /** Reads everything in sight again, after rows were changed. */
  refresh(): void {
    this.#stop();
    this.#fresh.clear();
    this.show(...this.#sight);
  }

  /** Says which rows are in sight, from `first` to before `end`. */
  show(first: number, end: number): void {
    this.#sight = [first, end];
    const from = Math.floor(Math.max(0, first) / PAGE);
    const to = Math.floor(Math.max(0, end - 1) / PAGE);
    for (const [page, controller] of this.#asked) {
      if (page < from || page > to) {
        controller.abort();
        this.#asked.delete(page);
      }
    }
    for (let page = from; page <= to; page++) {
      if (!this.#fresh.has(page) && !this.#asked.has(page)) void this.#read(page);
    }
  }

  /** The pages that have come and are, at least in part, between these places. */
  between(first: number, end: number): (readonly RowArray[])[] {
    const found: (readonly RowArray[])[] = [];
    for (let page = Math.floor(Math.max(0, first) / PAGE); page * PAGE < end; page++) {
      const rows = this.#rows.get(page);
      if (rows) found.push(rows);
    }
    return found;
  }

  /** The row at this place, once it has come. */
  at(index: number): RowArray | undefined {
    return this.#rows.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  #stop(): void {
    for (const controller of this.#asked.values()) controller.abort();
    this.#asked.clear();
  }

  async #read(page: number): Promise<void> {
    const controller = new AbortController();
    this.#asked.set(page, controller);
    const question = { ...this.#question, offset: page * PAGE, limit: PAGE, count: true };
    try {
      const answer = await this.#source.rows(this.#table, question, controller.signal);
      if (controller.signal.aborted) return;
      const rows = new Map(this.#rows).set(page, answer.rows);
      while (rows.size > KEPT) rows.delete(farthest(rows.keys(), page));
      this.#fresh.add(page);
      for (const kept of this.#fresh) if (!rows.has(kept)) this.#fresh.delete(kept);
      this.#rows = rows;
      if (answer.total !== null) this.total = answer.total;
      this.failure = undefined;
    } catch (error) {
      if (!controller.signal.aborted) this.failure = error;
    } finally {
      if (this.#asked.get(page) === controller) this.#asked.delete(page);
    }
  }
}

function farthest(pages: Iterable<number>, from: number): number {
  return [...pages].reduce((a, b) => (Math.abs(b - from) > Math.abs(a - from) ? b : a));
}
