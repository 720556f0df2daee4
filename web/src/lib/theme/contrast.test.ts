import { expect, test } from "vitest";
import { accentOn, contrast, inkOn, parseHex, toHex } from "./contrast";
import { following, hue } from "./palette";
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

test.each([
  ["#c2410c", [2, 3, 4, 5, 6, 7, 8]],
  ["#1d4ed8", [1, 3, 4, 5, 6, 7, 8]],
  ["#14584f", [1, 2, 3, 4, 5, 7, 8]],
  ["#777777", [1, 2, 3, 4, 5, 6, 7]],
])("series beside %s", (accent, expected) => expect(following(parseHex(accent)!)).toEqual(expected));

test("hues", () => {
  expect(hue([1, 0, 0])).toBe(0);
  expect(hue([0, 1, 1])).toBe(180);
  expect(hue([0.5, 0.5, 0.5])).toBeUndefined();
});
