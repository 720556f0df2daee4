import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watch } from "./watch";

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  page.visibilityState = "visible";
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is looked at soon, seldom after a while, and only while the page is looked at", async () => {
  const look = vi.fn(() => Promise.resolve());
  const stop = watch(look);
  await vi.advanceTimersByTimeAsync(179_000);
  expect(look).toHaveBeenCalledTimes(59);
  page.visibilityState = "hidden";
  await vi.advanceTimersByTimeAsync(100_000);
  expect(look).toHaveBeenCalledTimes(59);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(look).toHaveBeenCalledTimes(60);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).toHaveBeenCalledTimes(63);
  stop();
});

test("what ends it by a look, or while one is under way, is the last", async () => {
  let answer = () => {};
  const look = vi.fn(() => new Promise<void>((done) => (answer = done)));
  const stop = watch(look);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(look).toHaveBeenCalledTimes(1);
  stop();
  answer();
  await vi.advanceTimersByTimeAsync(600_000);
  page.dispatchEvent(new Event("visibilitychange"));
  expect(look).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
