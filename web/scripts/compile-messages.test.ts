import { describe, expect, test } from "vitest";
import { gaps, placeholders, table, types, unused } from "./compile-messages.mjs";

describe("messages", () => {
  const rows = { by: "count", one: "{count} row", other: "{count} rows" };
  test.each([
    ["Hello {name}, {greeting}", ["greeting", "name"]],
    ["plain", []],
    [rows, ["count"]],
  ])("placeholders of %j", (message, expected) => expect(placeholders(message)).toEqual(expected));

  test.each([
    [{ en: { a: "x" }, de: { a: "y" } }, []],
    [{ en: { a: "x" }, de: {} }, ['de: "a" is missing']],
    [{ en: { a: "x" }, de: { a: "" } }, ['de: "a" is empty']],
    [{ en: { a: "{n}" }, de: { a: "{m}" } }, ['de: "a" has other placeholders than en']],
    [{ en: { a: rows }, de: { a: { by: "count", one: "{count}" } } }, ['de: "a" needs "by" and "other"']],
  ])("gaps of %j", (tables, expected) => expect(gaps(tables)).toEqual(expected));

  test("code and types", () => {
    expect(table({ a: "x", rows })).toContain(
      '({\n"a":"x",\n"rows":["count",{"one":"{count} row","other":"{count} rows"}]\n});\n',
    );
    expect(types("Some", { a: "x {name}", rows })).toContain('"rows"(values: { count: number }): string;');
    expect(unused(["a", "b"], ["{m.a()}"])).toEqual(["b"]);
  });
});
