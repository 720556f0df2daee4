// What columns of tables refer to.
// Invariant: a reference leads to a column of the same type that is there, and choices taken from a table follow it.
import type {
  AppDefinition,
  ColumnDefinition,
  Reference,
  ReasonText,
  TableDefinition,
  Validation,
} from "$lib/api/types";
import type { Proposal } from "$lib/api/types";
import { isEntered } from "$lib/values/entered";

/** Whether values of one column can stand for rows by the other. */
function fits(own: ColumnDefinition, other: ColumnDefinition): boolean {
  const { name, ...more } = own.type;
  const { name: theirs, ...rest } = other.type;
  return own !== other && isEntered(other) && name === theirs && same(more, rest);
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The columns of a table that a column can refer to, its key first. */
export function targets(table: TableDefinition, own: ColumnDefinition): readonly ColumnDefinition[] {
  const fitting = table.columns.filter((column) => fits(own, column));
  return [...fitting.filter(({ id }) => id === table.key), ...fitting.filter(({ id }) => id !== table.key)];
}

/** Whether only rows of the table it refers to are accepted. */
export function closed(column: ColumnDefinition): boolean {
  return follows(column.validation) && column.validation?.open !== true;
}

/** Whether the choices are those of a table's rows. */
export function follows(validation: Validation | undefined): boolean {
  return validation?.choices?.from === "range" && validation.choices.binding.kind === "column";
}

/** The column referring to this, accepting only its rows or everything; to nothing when there is no reference. */
export function refer(
  column: ColumnDefinition,
  refers: Reference | undefined,
  only: boolean,
): ColumnDefinition {
  const { refers: _, validation, ...rest } = column;
  const { choices, open: __, ...others } = validation ?? {};
  const own = follows(validation) ? undefined : choices;
  const binding = refers && { kind: "column" as const, ...refers };
  const chosen = binding && only ? { from: "range" as const, binding } : own;
  const kept: Validation = {
    ...others,
    ...(chosen ? { choices: chosen } : {}),
    ...(own && !only && validation?.open ? { open: true } : {}),
  };
  // Without choices there is nothing to choose from.
  const kind =
    column.kind === "choice" && !chosen ? (column.type.name === "text" ? "text" : "number") : column.kind;
  return {
    ...rest,
    kind,
    ...(Object.keys(kept).length > 0 ? { validation: kept } : {}),
    ...(refers ? { refers } : {}),
  };
}

/** Without references to what is gone. */
export function settled(definition: AppDefinition): AppDefinition {
  const leads = ({ refers }: ColumnDefinition) =>
    !refers ||
    definition.tables.some(
      (table) => table.id === refers.table && table.columns.some(({ id }) => id === refers.column),
    );
  if (definition.tables.every((table) => table.columns.every(leads))) return definition;
  const tables = definition.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => (leads(column) ? column : refer(column, undefined, false))),
  }));
  return { ...definition, tables };
}

/** Why a suggestion has this reference, if one has. */
export function reasonFor(
  proposals: readonly Proposal[],
  table: TableDefinition,
  column: ColumnDefinition,
): ReasonText | undefined {
  const found = proposals.flatMap((proposal) => {
    const own = proposal.definition.tables.find((one) => same(one.source, table.source));
    const mine = own?.columns.find((one) => one.offset === column.offset);
    return (proposal.references ?? []).filter(
      (one) => one.table === own?.id && one.column === mine?.id && same(one.refers, column.refers),
    );
  });
  return found[0]?.reason;
}
