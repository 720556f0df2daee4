import { describe, expect, test } from "vitest";
import { blocks, columnAt, moved, offsets, reveal, visible, widths } from "./viewport";

const sums = offsets([100, 50, 200, 100]);

test("columns by pixel", () => {
  expect(sums).toEqual([0, 100, 150, 350, 450]);
  for (const [pixel, column] of [
    [-5, 1],
    [0, 1],
    [99, 1],
    [100, 2],
    [149, 2],
    [150, 3],
    [449, 4],
    [9999, 4],
  ] as const)
    expect(columnAt(sums, pixel), `${pixel}`).toBe(column);
});

describe("the visible window", () => {
  const view = { scrollTop: 0, scrollLeft: 0, width: 120, height: 280 };
  test("at the start", () =>
    expect(visible(view, 1000, sums)).toEqual({ top: 1, bottom: 14, left: 1, right: 3 }));
  test("in the middle", () =>
    expect(visible({ ...view, scrollTop: 2800, scrollLeft: 160 }, 1000, sums)).toEqual({
      top: 97,
      bottom: 114,
      left: 2,
      right: 4,
    }));
  test("never beyond the sheet", () =>
    expect(visible({ ...view, scrollTop: 999_999 }, 30, sums)).toEqual({
      top: 30,
      bottom: 30,
      left: 1,
      right: 3,
    }));
  test("draws a bounded number of cells on a sheet of any size", () => {
    const wide = offsets(Array.from({ length: 16_384 }, () => 88));
    const window = visible(
      { scrollTop: 20_000_000, scrollLeft: 700_000, width: 1000, height: 800 },
      1_048_576,
      wide,
    );
    expect((window.bottom - window.top + 1) * (window.right - window.left + 1)).toBeLessThan(700);
  });
});

test("revealing moves as little as possible", () => {
  const view = { scrollTop: 280, scrollLeft: 100, width: 150, height: 280 };
  expect(reveal(view, sums, 12, 2)).toEqual({ scrollTop: 280, scrollLeft: 100 });
  expect(reveal(view, sums, 1, 1)).toEqual({ scrollTop: 0, scrollLeft: 0 });
  expect(reveal(view, sums, 30, 4)).toEqual({ scrollTop: 560, scrollLeft: 300 });
  expect(reveal(view, sums, 12, 3), "a column wider than the view shows its start").toEqual({
    scrollTop: 280,
    scrollLeft: 150,
  });
});

test("blocks cover the window and are aligned", () => {
  expect(blocks({ top: 1, left: 1, bottom: 64, right: 32 })).toEqual([{ top: 1, left: 1 }]);
  expect(blocks({ top: 64, left: 33, bottom: 65, right: 40 })).toEqual([
    { top: 1, left: 33 },
    { top: 65, left: 33 },
  ]);
});

test("widths follow the texts within limits", () => {
  expect(
    widths(4, [
      { column: 1, text: "x".repeat(100) },
      { column: 2, text: "ab" },
      { column: 2, text: "abcdefghij" },
      { column: 9, text: "?" },
    ]),
  ).toEqual([264, 92, 88, 88]);
});

test("keys", () => {
  const at = { row: 5, column: 3 };
  const check = (key: string, far: boolean, row: number, column: number) =>
    expect(moved(key, at, 100, 10, 20, far), key).toEqual({ row, column });
  check("ArrowUp", false, 4, 3);
  check("ArrowDown", true, 100, 3);
  check("ArrowLeft", true, 5, 1);
  check("PageUp", false, 1, 3);
  check("PageDown", false, 25, 3);
  check("Home", false, 5, 1);
  check("End", true, 100, 10);
  expect(moved("a", at, 100, 10, 20, false)).toBeUndefined();
  expect(moved("ArrowRight", { row: 1, column: 10 }, 100, 10, 20, false)).toEqual({ row: 1, column: 10 });
});
