import type { ImportPreview } from "$lib/api/imports";
import type { TableDefinition } from "$lib/api/types";
import { expect, test } from "vitest";
import { chosen, fillable, found, missing } from "./matching";

const column = (id: string, more: object = {}) => ({ id, title: id, offset: 0, kind: "text", ...more });
const table = {
  id: "t",
  title: "T",
  key: "sku",
  changed: null,
  columns: [
    column("sku"),
    column("qty", { validation: { required: true } }),
    column("sum", { formula: "A1" }),
    column("photo", { kind: "file" }),
    column("note"),
  ],
} as unknown as TableDefinition;

test("what a file can fill, and what it leaves open", () => {
  expect(fillable(table).map(({ id }) => id)).toEqual(["sku", "qty", "note"]);
  const preview = { columns: [{ column: "note" }, { column: null }, { column: "sku" }] };
  const matching = found(preview as ImportPreview);
  expect(matching).toEqual(["note", "", "sku"]);
  expect(missing(table, matching).map(({ id }) => id)).toEqual(["qty"]);
});

test.each([
  [0, "", ["", "", "sku"]],
  [1, "qty", ["note", "qty", "sku"]],
  [1, "sku", ["note", "sku", ""]],
  [2, "sku", ["note", "", "sku"]],
])("the column at %i is given %j", (place, id, expected) =>
  expect(chosen(["note", "", "sku"], place, id)).toEqual(expected),
);
