import { expect, test } from "vitest";
import type { Selection } from "../state/find";
import { definition } from "../state/sample";
import { dropTarget, isCurrent, rowsOf } from "./rows";

const one = (kind: "screen" | "component" | "field", id: string): Selection => ({ kind, id });

test("rows follow the screens", () => {
  expect(rowsOf(definition()).map((row) => `${" ".repeat(row.depth)}${row.label}`)).toEqual([
    "Loan",
    " Inputs",
    "  amount",
    "  rate",
    "  years",
    " Results",
    "  payment",
    " total",
    "Items",
    " Stock",
    " Prices",
  ]);
});

test("a card's row stands for its field", () => {
  const current = rowsOf(definition()).filter((row) => isCurrent(definition(), row, one("field", "total")));
  expect(current.map((row) => row.key)).toEqual(["component:total_card"]);
});

test("dropping", () => {
  const check = (dragged: Selection, over: Selection, after: boolean, expected: unknown) =>
    expect(dropTarget(definition(), dragged, over, after)).toEqual(expected);
  const inputs = one("component", "inputs");
  check(one("field", "amount"), one("field", "years"), true, { parent: inputs, index: 3 });
  check(one("field", "payment"), inputs, false, { parent: inputs, index: 0 });
  check(one("field", "amount"), one("component", "item_list"), false, undefined);
  check(one("field", "amount"), one("screen", "loan"), false, undefined);
  check(inputs, one("screen", "items"), true, { parent: one("screen", "items"), index: 0 });
  check(one("component", "total_card"), one("field", "rate"), true, {
    parent: one("screen", "loan"),
    index: 1,
  });
  check(one("screen", "items"), one("screen", "loan"), false, { parent: { kind: "app" }, index: 0 });
  check(one("screen", "loan"), one("component", "price_chart"), false, { parent: { kind: "app" }, index: 2 });
  check(one("screen", "loan"), one("field", "rate"), false, { parent: { kind: "app" }, index: 1 });
});
