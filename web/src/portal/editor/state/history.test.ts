import { expect, test } from "vitest";
import { begin, reduce, type Action, type EditorState } from "./history";
import { remove, rename, updateField } from "./operations";
import { definition } from "./sample";

const run = (...actions: ((state: EditorState) => Action)[]) =>
  actions.reduce((state, action) => reduce(state, action(state)), begin(definition()));
const name =
  (text: string, merge?: string) =>
  (state: EditorState): Action => ({
    type: "edit",
    definition: rename(state.definition, { kind: "app" }, text),
    ...(merge && { merge }),
  });
const undo = () => ({ type: "undo" }) as const;
const redo = () => ({ type: "redo" }) as const;
const select = (id: string) => () => ({ type: "select", selection: { kind: "field", id } }) as const;

test("typing into one property is one step", () => {
  const typed = run(name("A", "app/name"), name("AB", "app/name"), name("ABC", "app/name"));
  expect(typed.definition.name).toBe("ABC");
  expect(typed.past).toHaveLength(1);
  expect(reduce(typed, undo()).definition.name).toBe("Loan");
});

test("selecting in between ends the step", () => {
  const typed = run(name("A", "app/name"), select("rate"), name("AB", "app/name"));
  expect(typed.past).toHaveLength(2);
});

test("undo and redo go back and forth, a new edit forgets the future", () => {
  const state = run(name("A"), name("B"), undo, undo, redo);
  expect(state.definition.name).toBe("A");
  expect(state.future).toHaveLength(1);
  expect(reduce(state, redo()).definition.name).toBe("B");
  expect(reduce(state, name("C")(state)).future).toEqual([]);
});

test("an edit that changes nothing is no step", () => {
  const state = run((now) => ({ type: "edit", definition: now.definition }));
  expect(state.past).toEqual([]);
  expect(run(undo, redo).definition).toEqual(definition());
});

test("what was selected comes back with what was deleted", () => {
  const state = run(select("rate"), (now) => ({
    type: "edit",
    definition: remove(now.definition, now.selection),
  }));
  expect(state.selection).toEqual({ kind: "app" });
  expect(reduce(state, undo()).selection).toEqual({ kind: "field", id: "rate" });
});

test("nothing that is gone is ever selected", () => {
  expect(run(select("nobody")).selection).toEqual({ kind: "app" });
});

test("the history is bounded", () => {
  let state = begin(definition());
  for (let count = 0; count < 300; count++)
    state = reduce(state, {
      type: "edit",
      definition: updateField(state.definition, "rate", { unit: `${count}` }),
    });
  expect(state.past).toHaveLength(200);
});
