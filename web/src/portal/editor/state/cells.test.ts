import { expect, test } from "vitest";
import {
  address,
  boundTo,
  cellsOf,
  letters,
  position,
  rangeText,
  rectangle,
  reference,
  selectedCells,
} from "./cells";
import { atPath, byId, key, previewId } from "./find";
import { definition, outline } from "./sample";

test("column letters", () => {
  for (const [column, text] of [
    [1, "A"],
    [26, "Z"],
    [27, "AA"],
    [702, "ZZ"],
    [703, "AAA"],
    [16_384, "XFD"],
  ] as const) {
    expect(letters(column)).toBe(text);
    expect(position(`${text}1`)).toEqual({ row: 1, column });
  }
});

test("addresses are read as Excel writes them", () => {
  expect(position("$B$3")).toEqual({ row: 3, column: 2 });
  expect(position("b3")).toEqual({ row: 3, column: 2 });
  for (const wrong of ["", "B", "3", "B0", "XFE1", "A1048577", "A1:B2", "AAAA1"])
    expect(position(wrong), wrong).toBeUndefined();
  expect(address(12, 28)).toBe("AB12");
});

test("ranges", () => {
  const area = { sheet: "S", top: 2, left: 2, bottom: 13, right: 2 };
  expect(rectangle("S", "B13:B2")).toEqual(area);
  expect(reference("S!$B$2:$B$13")).toEqual(area);
  expect(reference("='It''s me'!B2")).toEqual({ sheet: "It's me", top: 2, left: 2, bottom: 2, right: 2 });
  expect(reference("12.5")).toBeUndefined();
  expect(rectangle("S", "A1:B2:C3")).toBeUndefined();
  expect(rangeText(area)).toBe("B2:B13");
});

test("the cells of bindings", () => {
  const check = (binding: Parameters<typeof cellsOf>[2], expected: string[]) =>
    expect(cellsOf(definition(), outline, binding).map((area) => `${area.sheet}!${rangeText(area)}`)).toEqual(
      expected,
    );
  check({ kind: "cell", sheet: "Loan", cell: "B3" }, ["Loan!B3"]);
  check({ kind: "name", name: "TOTAL" }, ["Loan!B9"]);
  check({ kind: "name", name: "Gone" }, []);
  check({ kind: "column", table: "stock", column: "price" }, ["Stock!B1:B9"]);
  check({ kind: "column", table: "stock", column: "gone" }, []);
});

test("cells and selections find each other", () => {
  const check = (sheet: string, row: number, column: number, expected: string[]) =>
    expect(boundTo(definition(), outline, sheet, row, column).map(key)).toEqual(expected);
  check("Loan", 3, 2, ["field:amount"]);
  check("Loan", 9, 2, ["field:total"]);
  check("Loan", 1, 1, []);
  check("Stock", 2, 2, ["component:item_list", "component:price_chart", "table:stock"]);
  expect(selectedCells(definition(), outline, { kind: "component", id: "inputs" })).toHaveLength(3);
  expect(selectedCells(definition(), outline, { kind: "table", id: "stock" })).toHaveLength(1);
});

test("problem paths and preview ids lead to what they are about", () => {
  const check = (path: string, expected: string) => expect(key(atPath(definition(), path))).toBe(expected);
  check("screens/0/components/0/fields/1", "field:rate");
  check("screens/0/components/0/fields/1/choices", "field:rate");
  check("screens/0/components/2/field", "field:total");
  check("screens/1/components/1/series/0", "component:price_chart");
  check("screens/1/visibleWhen", "screen:items");
  check("tables/0/columns/1", "table:stock");
  check("name", "app");
  check("screens/9", "app");
  expect(byId(definition(), "rate")).toEqual({ kind: "field", id: "rate" });
  expect(byId(definition(), "inputs")).toEqual({ kind: "component", id: "inputs" });
  expect(byId(definition(), "nobody")).toBeUndefined();
  expect(previewId(definition(), { kind: "table", id: "stock" })).toBe("item_list");
});
