import { expect, test } from "vitest";
import type { Binding } from "../api/types";
import { columnName, parseCell, rangeOf } from "./range";

test.each([
  ["A1", { row: 1, column: 1 }],
  ["$AB$20", { row: 20, column: 28 }],
  ["XFD1048576", { row: 1048576, column: 16384 }],
  ["1A", undefined],
  ["A0", undefined],
])("cell %s", (text, expected) => expect(parseCell(text)).toEqual(expected));

test.each([1, 26, 27, 52, 53, 702, 703, 16384])("column %i is read back", (column) =>
  expect(parseCell(`${columnName(column)}1`)?.column).toBe(column),
);

test.each<[Binding, unknown]>([
  [
    { kind: "cell", sheet: "S", cell: "B3" },
    { sheet: "S", top: 3, left: 2, bottom: 3, right: 2 },
  ],
  [
    { kind: "range", sheet: "S", range: "C4:A2" },
    { sheet: "S", top: 2, left: 1, bottom: 4, right: 3 },
  ],
  [{ kind: "name", name: "rate" }, undefined],
])("range of %j", (binding, expected) => expect(rangeOf(binding)).toEqual(expected));
