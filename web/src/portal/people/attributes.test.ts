import { expect, test } from "vitest";
import { read, written } from "./attributes";

test.each([
  ["", {}],
  ["Region: North\n\ncost_centre = 4711 ", { Region: "North", cost_centre: "4711" }],
  ["Site: a: b", { Site: "a: b" }],
  ["Region", undefined],
  ["Region:", undefined],
  ["1st: x", undefined],
  ["Größe: x", undefined],
])("%s", (lines, expected) => expect(read(lines)).toEqual(expected));

test("what is written is read", () => {
  const attributes = { Region: "North", Site: "a: b" };
  expect(read(written(attributes))).toEqual(attributes);
});
