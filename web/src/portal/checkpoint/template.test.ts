import { expect, test } from "vitest";
import { isGateId, pieces, unknown } from "./template";

// The cases of crates/model/src/checkpoint/template.rs.
const values: Record<string, string> = { AMOUNT: "5,200.00", AMOUNT_2: "7", A: "a" };
test.each([
  ["Approve &AMOUNT?", "Approve 5,200.00?"],
  ["&AMOUNT_2 &AMOUNT&A", "7 5,200.00a"],
  ["&AMOUNTS", "–"],
  ["&&AMOUNT &&& R & D &x &1", "&AMOUNT && R & D &x &1"],
  ["&&&AMOUNT", "&5,200.00"],
  ["&AMOUNTé", "5,200.00é"],
  ["a&BLANK&", "a–&"],
])("%j says %j", (template, said) =>
  expect(
    pieces(template)
      .map((piece) => ("text" in piece ? piece.text : (values[piece.parameter] ?? "–")))
      .join(""),
  ).toBe(said),
);

test("what is asked for and not there is named once", () =>
  expect(unknown("&A &B &B &C", ["A"])).toEqual(["B", "C"]));

test.each([
  ["APPROVE_EXPENSE", true],
  ["A1", true],
  ["1A", false],
  ["a", false],
  ["", false],
  ["A".repeat(41), false],
])("%j is an id: %j", (id, is) => expect(isGateId(id)).toBe(is));
