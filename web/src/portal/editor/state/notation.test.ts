import { expect, test } from "vitest";
import type { Binding } from "$lib/api/types";
import { dateOf, decimalsOf, formatOf, serialOf } from "./format";
import { bindingText, quoted, readBinding } from "./notation";
import { definition, outline } from "./sample";

test("bindings are read back as they were written", () => {
  const check = (binding: Binding, text: string) => {
    expect(bindingText(definition(), binding)).toBe(text);
    expect(readBinding(text, definition(), outline, "Loan"), text).toEqual(binding);
  };
  check({ kind: "cell", sheet: "Loan", cell: "B3" }, "Loan!B3");
  check({ kind: "range", sheet: "Stock", range: "B2:B9" }, "Stock!B2:B9");
  check({ kind: "name", name: "Total" }, "Total");
  check({ kind: "column", table: "stock", column: "price" }, "Stock[Price]");
});

test("what people write is understood, what means nothing is not", () => {
  const check = (text: string, expected: Binding | undefined) =>
    expect(readBinding(text, definition(), outline, "Loan"), text).toEqual(expected);
  check("b3", { kind: "cell", sheet: "Loan", cell: "B3" });
  check(" =$B$3:C9 ", { kind: "range", sheet: "Loan", range: "B3:C9" });
  check("stock!b2", { kind: "cell", sheet: "Stock", cell: "B2" });
  check("total", { kind: "name", name: "Total" });
  check("stock[price]", { kind: "column", table: "stock", column: "price" });
  for (const nothing of ["", "Gone!B3", "Rate", "Stock[Gone]", "B0", "1.5"]) check(nothing, undefined);
});

test("sheet names are quoted where formulas need it", () => {
  for (const [name, text] of [
    ["Loan", "Loan"],
    ["Übersicht", "Übersicht"],
    ["My sheet", "'My sheet'"],
    ["It's", "'It''s'"],
    ["Q1", "'Q1'"],
    ["2026", "'2026'"],
  ] as const)
    expect(quoted(name)).toBe(text);
});

test("decimals and dates", () => {
  for (const decimals of [0, 1, 2, 6]) {
    expect(decimalsOf(formatOf("number", decimals))).toBe(decimals);
    expect(decimalsOf(formatOf("percent", decimals))).toBe(decimals);
  }
  expect(formatOf("percent", 2)).toBe("0.00%");
  expect(formatOf("currency", 2)).toBe("#,##0.00");
  expect(decimalsOf("yyyy-mm-dd")).toBeUndefined();
  expect(decimalsOf(undefined)).toBeUndefined();
  expect(serialOf("2026-11-21")).toBe(46347);
  expect(dateOf(46347.75)).toBe("2026-11-21");
  expect(serialOf("nothing")).toBeUndefined();
});
