import { expect, test } from "vitest";
import { conditions, filterKind, isSet, type Filters } from "./filters";

test.each<[Filters, unknown]>([
  [{}, []],
  [{ a: {} }, []],
  [{ a: { from: null, to: null } }, []],
  [{ a: { is: null } }, [{ column: "a", operator: "eq", value: null }]],
  [{ a: { is: false } }, [{ column: "a", operator: "eq", value: false }]],
  [
    { a: { from: 1, to: 0 } },
    [
      { column: "a", operator: "ge", value: 1 },
      { column: "a", operator: "le", value: 0 },
    ],
  ],
])("%j", (filters, expected) => expect(conditions(filters)).toEqual(expected));

test("what refers to rows is filtered by them", () => {
  const column = { id: "who", title: "Who", offset: 0, type: { name: "integer" }, kind: "integer" } as const;
  expect(filterKind(column)).toBe("range");
  expect(filterKind(column, true)).toBe("row");
});

test("what counts as chosen", () => {
  expect(isSet(undefined)).toBe(false);
  expect(isSet({ from: null })).toBe(false);
  expect(isSet({ is: null })).toBe(true);
  expect(isSet({ to: 0 })).toBe(true);
});
