import { beforeEach, expect, test, vi } from "vitest";
import type { AppDefinition, ClientApp } from "$lib/api/types";
import { AppState } from "./state.svelte";

/** An engine that writes down what it is asked and answers, in that order, when told to. */
class Slow {
  static asked: string[] = [];
  static answers: (() => void)[] = [];
  progress: unknown;
  #screen = "";
  open = () => Promise.resolve();
  close = () => {};
  view = () => this.#answer("view");
  input = (id: string) => this.#answer(`input ${id}`);
  bind = (_: AppDefinition, screen: string) => this.#answer(`bind ${screen}`, screen || "a");
  show = (screen: string) => this.#answer(`show ${screen}`, screen);

  #answer(asked: string, screen = this.#screen): Promise<unknown> {
    this.#screen = screen;
    Slow.asked.push(asked);
    return new Promise((resolve) => Slow.answers.push(() => resolve({ screen })));
  }
}
vi.mock("$lib/engine/engine", () => ({ Engine: Slow, civilNow: () => "2026-11-21T08:00:00" }));

const definition = { screens: [], tables: [] } as unknown as AppDefinition;
const app = () => new AppState({ role: "maker", definition } as unknown as ClientApp, new ArrayBuffer(1));
const settled = () => new Promise((resolve) => setTimeout(resolve));
/** Lets the engine answer all it was asked. */
async function answered(): Promise<void> {
  await settled();
  while (Slow.answers.length) {
    Slow.answers.shift()?.();
    await settled();
  }
}

beforeEach(() => {
  Slow.asked = [];
  Slow.answers = [];
});

test("the engine begins with the screen that is open, and follows", async () => {
  const state = app();
  await state.show("b");
  expect(Slow.asked).toEqual([]);
  void state.engine();
  await answered();
  expect(state.view?.screen).toBe("b");
  void state.show("b");
  void state.show("a");
  await answered();
  void state.input("amount", 1);
  await answered();
  expect([Slow.asked, state.view?.screen]).toEqual([["bind b", "show a", "input amount"], "a"]);
});

test("a screen opened while the engine is loaded is shown once it is there", async () => {
  const state = app();
  void state.engine();
  await settled();
  void state.show("b");
  void state.show("c");
  await answered();
  expect([Slow.asked, state.view?.screen]).toEqual([["bind ", "show c"], "c"]);
});

test("there and back before the engine answers ends where the person is", async () => {
  const state = app();
  void state.engine();
  await answered();
  void state.show("b");
  await settled();
  void state.show("a");
  void state.input("amount", 1);
  await answered();
  expect([Slow.asked, state.view?.screen]).toEqual([["bind ", "show b", "show a", "input amount"], "a"]);
});

test("another definition keeps the screen", async () => {
  const state = app();
  void state.engine();
  await answered();
  void state.show("b");
  await answered();
  void state.redefine(definition);
  await answered();
  expect([Slow.asked, state.view?.screen]).toEqual([["bind ", "show b", "bind b"], "b"]);
});
