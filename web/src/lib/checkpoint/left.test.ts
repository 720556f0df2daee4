import { beforeEach, expect, test, vi } from "vitest";
import { leave, placeOf } from "./left";

const DAY = 24 * 60 * 60_000;
const item = (challenge: string, firstGate = "ERASURE") => ({ challenge, firstGate });

beforeEach(() => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  // Its keys are its own properties, as in a browser.
  const keyed = new Proxy(storage, {
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (_, key) => ({
      value: kept.get(String(key)),
      enumerable: true,
      configurable: true,
    }),
  });
  vi.stubGlobal("localStorage", keyed);
});

test("whoever asked is led back to where they were, and otherwise to where such things are done", () => {
  leave("one", "/apps/7", DAY);
  expect(placeOf(item("one"))).toBe("/apps/7");
  expect(placeOf(item("two"))).toBe("/people");
  expect(placeOf(item("two", "PIN_CHANGE"))).toBe("/account/security");
  expect(placeOf(item("two", "OWN_GATE"))).toBe("/");
});

test("nobody is led to another host, and what is old is forgotten", () => {
  leave("one", "//evil.example/", DAY);
  leave("two", "/\\\\evil.example/", DAY);
  for (const id of ["one", "two"]) expect(placeOf(item(id))).toBe("/people");
  leave("three", "/apps/7", DAY);
  leave("four", "/apps/8", 90 * DAY);
  expect(placeOf(item("three"))).toBe("/people");
  expect(placeOf(item("four"))).toBe("/apps/8");
});
