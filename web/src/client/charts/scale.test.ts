import { expect, test } from "vitest";
import { axis, labelEvery, linePath, niceStep, place, slicePath } from "./scale";

test.each([
  [[0, 100], true, [0, 25, 50, 75, 100]],
  [[3, 97], true, [0, 25, 50, 75, 100]],
  [[-40, 60], true, [-50, -25, 0, 25, 50, 75]],
  [[1000, 1010], false, [1000, 1002.5, 1005, 1007.5, 1010]],
  [[5, 5], true, [0, 2, 4, 6]],
  [[0, 0], true, [0, 0.25, 0.5, 0.75, 1]],
  [[-3, -3], false, [-3, -2, -1, 0]],
  [[null, null], true, [0, 0.25, 0.5, 0.75, 1]],
  [[0.1, 0.30000000000000004], true, [0, 0.1, 0.2, 0.3]],
])("axis of %j from zero %s", (values, fromZero, ticks) =>
  expect(axis(values, fromZero).ticks).toEqual(ticks),
);

test.each([
  [100, 4, 25],
  [7, 4, 2],
  [0.03, 3, 0.01],
  [12345, 5, 2500],
])("step of %d in %d", (span, parts, step) => expect(niceStep(span, parts)).toBeCloseTo(step, 10));

test("places and labels", () => {
  expect(place(5, { low: 0, high: 10, ticks: [] }, 100, 0)).toBe(50);
  expect(labelEvery(360, 300, 40)).toBe(48);
  expect(labelEvery(4, 300, 40)).toBe(1);
});

test("paths", () => {
  expect(linePath([[0, 0], [1, 1], null, [3, 3], [4, 4]])).toBe("M0.0 0.0L1.0 1.0M3.0 3.0L4.0 4.0");
  expect(slicePath(0, 1, 10, 5)).not.toContain("NaN");
});
