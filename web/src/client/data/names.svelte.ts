// What people call the rows that values of a list stand for.
// Invariant: a page of rows asks once for each column that refers to other rows, however many rows it has; what is not
// known yet, or is no row's, shows as its key.
import type {
  AppDefinition,
  ColumnDefinition,
  Role,
  RowArray,
  Scalar,
  TableDefinition,
} from "$lib/api/types";
import { SvelteMap } from "svelte/reactivity";
import { findAll, held, nameOf, referredBy, type Referred } from "./referred";
import type { Source } from "./source";

export class Names {
  #source: Source;
  #referred: ReadonlyMap<string, Referred>;
  #table: TableDefinition;
  /** Keys that were asked for, by column. */
  #asked = new Map<string, Set<Scalar>>();
  /** Names by column and key. */
  #known = new Map<string, SvelteMap<Scalar, string>>();

  constructor(source: Source, definition: AppDefinition, table: TableDefinition, role: Role) {
    this.#source = source;
    this.#table = table;
    const refers = (column: ColumnDefinition) => {
      const referred = referredBy(definition, column, role);
      // Keys that name themselves need no look.
      return referred && referred.title.id !== referred.key.id ? [[column.id, referred] as const] : [];
    };
    this.#referred = new Map(table.columns.flatMap(refers));
    for (const column of this.#referred.keys()) {
      this.#asked.set(column, new Set());
      this.#known.set(column, new SvelteMap());
    }
  }

  /** Asks for the names that rows need in these columns, as far as nobody has. */
  learn(rows: readonly RowArray[], columns: readonly ColumnDefinition[]): void {
    for (const column of columns) {
      const referred = this.#referred.get(column.id);
      const asked = this.#asked.get(column.id);
      if (!referred || !asked) continue;
      const place = this.#table.columns.indexOf(column) + 2;
      const keys = [...new Set(rows.map((row) => row[place] as Scalar))];
      const fresh = keys.filter((key) => key !== null && !asked.has(key));
      if (fresh.length === 0) continue;
      for (const key of fresh) asked.add(key);
      findAll(this.#source, referred, fresh).then(
        (found) => this.#take(column, referred, fresh, found),
        // The next look at the page may have more luck.
        () => fresh.forEach((key) => asked.delete(key)),
      );
    }
  }

  #take(column: ColumnDefinition, referred: Referred, asked: readonly Scalar[], found: RowArray[]): void {
    const known = this.#known.get(column.id);
    const names = new Map(found.map((row) => [held(referred, referred.key, row), nameOf(referred, row)]));
    for (const key of asked) {
      const name = names.get(key);
      if (name === undefined) known?.delete(key);
      else known?.set(key, name);
    }
  }

  /** What the row is called that a value of a column stands for. */
  of(column: ColumnDefinition, value: Scalar | undefined): string | undefined {
    return value === null || value === undefined ? undefined : this.#known.get(column.id)?.get(value);
  }

  /** Rows may be called otherwise now: each is asked for again, and shown by its old name until then. */
  forget(): void {
    for (const asked of this.#asked.values()) asked.clear();
  }
}
