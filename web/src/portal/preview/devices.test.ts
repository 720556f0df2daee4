import { expect, test } from "vitest";
import { fit } from "./devices";

test("a screen fits its pane", () => {
  expect(fit("phone", { width: 500, height: 900 })).toEqual({ scale: 1, width: 390, height: 780 });
  expect(fit("phone", { width: 195, height: 900 })).toEqual({ scale: 0.5, width: 390, height: 780 });
  expect(fit("small", { width: 320, height: 400 })).toEqual({ scale: 1, width: 320, height: 400 });
  expect(fit("tablet", { width: 100, height: 900 }).scale).toBe(0.25);
  expect(fit("phone", { width: 0, height: 0 }).scale).toBe(1);
});
