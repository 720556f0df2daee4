import { expect, test } from "vitest";
import { isFine, told } from "./directory";

const event = (method: string, status: number, subject?: string, target = "Users") => ({
  id: "1",
  provider: "2",
  at: "2026-11-22T12:00:00Z",
  method,
  target,
  status,
  ...(subject ? { subject } : {}),
});

// Messages are their keys here.
test.each([
  [event("POST", 201, "eve"), "directory_event_made", true],
  [event("POST", 409, "eve"), "directory_event_refused_made", false],
  [event("PATCH", 200, "eve"), "directory_event_changed", true],
  [event("PUT", 400), "directory_event_refused_changed", false],
  [event("DELETE", 204, undefined, "Groups"), "directory_event_removed", true],
  [event("DELETE", 403, "eve"), "directory_event_refused_removed", false],
  [event("GET", 400), "directory_event_refused_read", false],
])("%o is told", (one, words, fine) => {
  expect(told(one)).toBe(words);
  expect(isFine(one)).toBe(fine);
});
