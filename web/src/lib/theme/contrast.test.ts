import { expect, test } from "vitest";
import { accentOn, contrast, inkOn, parseHex, toHex } from "./contrast";
import { surfaces } from "./theme.svelte";

const accents = [
  "#000000",
  "#ffffff",
  "#ffff00",
  "#0000ff",
  "#00ff88",
  "#7f7f7f",
  "#c2410c",
  "#0f766e",
  "#1e1b4b",
];

test.each(accents)("%s can be read on every surface", (hex) => {
  for (const scheme of [surfaces.light, surfaces.dark]) {
    const papers = scheme.map((paper) => parseHex(paper)!);
    const accent = accentOn(parseHex(hex)!, papers);
    for (const paper of papers) expect(contrast(accent, paper)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accent, inkOn(accent))).toBeGreaterThanOrEqual(4.5);
  }
});

test.each([
  ["#000000", "#ffffff", 21],
  ["#ffffff", "#ffffff", 1],
  ["#767676", "#ffffff", 4.54],
])("contrast of %s and %s", (a, b, expected) =>
  expect(contrast(parseHex(a)!, parseHex(b)!)).toBeCloseTo(expected, 1),
);

test("hex", () => {
  expect(parseHex("#12ab")).toBeUndefined();
  expect(parseHex("red")).toBeUndefined();
  expect(toHex(parseHex("#12abef")!)).toBe("#12abef");
});
