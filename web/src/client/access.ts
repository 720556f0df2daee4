// What a role may do, as crates/model/src/definition/access.rs says it. The server decides; this only spares people
// buttons that would be refused.
import type { Access, ActionDefinition, Field, Role, TableAccess, TableDefinition } from "$lib/api/types";

const both: Role[] = ["guest", "member"];
const DEFAULT: Access = { see: both, edit: both };
const DEFAULT_TABLE: TableAccess = { see: both, insert: ["member"], update: ["member"], delete: ["member"] };

/** Whether this role sees it; a maker sees everything. */
export function maySee(access: Access | undefined, role: Role): boolean {
  return role === "maker" || (access ?? DEFAULT).see.includes(role);
}

/** Whether this role enters the field. */
export function mayEdit(field: Pick<Field, "mode" | "access">, role: Role): boolean {
  if (field.mode !== "write" || !maySee(field.access, role)) return false;
  return role === "maker" || (field.access ?? DEFAULT).edit.includes(role);
}

/** Whether this role may do this with the table's rows. */
export function mayRows(table: TableDefinition, act: keyof TableAccess, role: Role): boolean {
  const access = table.access ?? DEFAULT_TABLE;
  return role === "maker" || (access.see.includes(role) && access[act].includes(role));
}

/** Whether this role may run the action; who does not see the table's rows does not see its actions. */
export function mayRun(action: ActionDefinition, role: Role): boolean {
  return role === "maker" || (action.access ?? ["member"]).includes(role);
}
