import { expect, test } from "vitest";
import { placeOf, within, without } from "./place";

test.each([
  ["/", "", "/t/acme/", "/"],
  ["/apps/1", "", "/t/acme/apps/1", "/apps/1"],
  ["/t/acme", "/t/acme", "/t/acme", "/"],
  ["/t/acme/app/1", "/t/acme", "/t/acme/app/1", "/app/1"],
  ["/t/acme-2/app/1", "/t/acme-2", "/t/acme-2/app/1", "/t/acme-2/app/1"],
  ["/t", "", "/t/acme/t", "/t"],
  ["https://elsewhere.example/", "", "https://elsewhere.example/", "https://elsewhere.example/"],
])("%s", (path, place, inside, outside) => {
  expect(placeOf(path)).toBe(place);
  expect(within(path, "/t/acme")).toBe(inside);
  expect(without(path, "/t/acme")).toBe(outside);
  expect(within(path, "")).toBe(path);
  expect(without(path, "")).toBe(path);
});
