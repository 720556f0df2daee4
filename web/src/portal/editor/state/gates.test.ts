import type { ColumnDefinition, FieldKind } from "$lib/api/types";
import { expect, test } from "vitest";
import { figure, propertyName } from "./gates";

test.each([
  ["unit_price", "UnitPrice"],
  ["a__b", "AB"],
  ["total", "Total"],
])("%j is %j in conditions", (id, name) => expect(propertyName(id)).toBe(name));

const column = (id: string, kind: FieldKind): ColumnDefinition => ({
  id,
  title: id,
  offset: 0,
  type: { name: "text" },
  kind,
});
test.each([
  [[column("what", "text"), column("count", "integer"), column("net_amount", "currency")], "NetAmount"],
  [[column("what", "text")], "What"],
  [[], "Amount"],
])("an example compares a figure", (columns, name) =>
  expect(figure({ id: "t", title: "T", source: { from: "table", name: "T" }, columns })).toBe(name),
);
