import { expect, test } from "vitest";
import type { ColumnDefinition } from "$lib/api/types";
import { Slips } from "./slips.svelte";

const column = (id: string, validation?: ColumnDefinition["validation"]): ColumnDefinition => ({
  id,
  title: id,
  offset: 0,
  type: { name: "integer" },
  kind: "integer",
  ...(validation ? { validation } : {}),
});
const columns = [column("qty", { required: true, maximum: 9 }), column("size")];
const [qty, size] = columns as [ColumnDefinition, ColumnDefinition];

test("what was found stands until the field is another or all is looked at again", () => {
  const slips = new Slips();
  const check = (values: Record<string, number | null>, expected: string[]) => {
    expect(slips.check(columns, values)).toBe(expected.length === 0);
    expect(Object.keys(slips.words)).toEqual(expected);
  };
  check({}, ["qty"]);
  check({ qty: 10 }, ["qty"]);
  check({ qty: 9 }, []);
  slips.unreadable(size, "integer");
  expect(Object.keys(slips.words)).toEqual(["size"]);
  check({ qty: null, size: 3 }, ["qty", "size"]);
  slips.unreadable(size, undefined);
  expect(Object.keys(slips.words)).toEqual(["qty"]);
  slips.say(qty, undefined);
  expect(slips.words).toEqual({});
  slips.unreadable(size, "integer");
  slips.forget();
  check({ qty: 1, size: 3 }, []);
});
