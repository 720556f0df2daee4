import { expect, test } from "vitest";
import { closing, counted, warning, wasGranted } from "./clock";

const now = "2026-11-22T19:00:00Z";
test.each([
  ["2026-11-22T19:05:00Z", 301_000, 60],
  ["2026-11-22T19:00:30Z", 31_000, 15],
  ["2026-11-22T18:59:00Z", 1_000, -30],
])("until %s", (expiresAt, closes, warns) => {
  expect(closing({ now, expiresAt }, 1_000)).toBe(closes);
  expect(warning({ now, expiresAt })).toBe(warns);
});

test.each([
  ["2026-11-22T19:02:00Z", "2026-11-22T19:04:00Z", true],
  ["2026-11-22T19:02:00Z", "2026-11-22T19:03:30Z", false],
  ["2026-11-22T19:04:00Z", "2026-11-22T19:04:00Z", false],
])("at %s more time until %s is all of it: %s", (at, expiresAt, granted) => {
  const first = { now, expiresAt: "2026-11-22T19:02:00Z" };
  expect(wasGranted(first, { now: at, expiresAt })).toBe(granted);
});

test.each([
  [300, "5:00"],
  [42.7, "0:42"],
  [0, "0:00"],
])("%d seconds are %s", (seconds, words) => expect(counted(seconds)).toBe(words));
