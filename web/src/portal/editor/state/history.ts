// The editor's state and its one reducer: the definition, what is selected, and what can be undone.
// Invariant: definitions in the history are never changed; typing into one property is one step.
import type { AppDefinition } from "$lib/api/types";
import { app, exists, type Selection } from "./find";

/** A definition to come back to, with what was selected and what was done to it, in words' key. */
interface Step {
  definition: AppDefinition;
  selection: Selection;
  merge: string | undefined;
}

export interface EditorState {
  definition: AppDefinition;
  selection: Selection;
  past: readonly Step[];
  future: readonly Step[];
  /** The property being typed into; the next edit of the same one joins the step. */
  merge: string | undefined;
}

export type Action =
  | { type: "edit"; definition: AppDefinition; select?: Selection; merge?: string }
  | { type: "select"; selection: Selection }
  | { type: "undo" }
  | { type: "redo" };

const LIMIT = 200;

/** The state to begin with. */
export function begin(definition: AppDefinition): EditorState {
  return { definition, selection: app, past: [], future: [], merge: undefined };
}

/** The state after an action. */
export function reduce(state: EditorState, action: Action): EditorState {
  switch (action.type) {
    case "edit": {
      if (action.definition === state.definition)
        return action.select ? reduce(state, { type: "select", selection: action.select }) : state;
      const joins = action.merge !== undefined && action.merge === state.merge;
      const past = joins ? state.past : [...state.past, step(state)].slice(-LIMIT);
      const selection = existing(action.definition, action.select ?? state.selection);
      return { definition: action.definition, selection, past, future: [], merge: action.merge };
    }
    case "select":
      return { ...state, selection: existing(state.definition, action.selection), merge: undefined };
    case "undo": {
      const back = state.past.at(-1);
      if (!back) return state;
      return restored(back, state.past.slice(0, -1), [step(state), ...state.future]);
    }
    case "redo": {
      const [next, ...future] = state.future;
      if (!next) return state;
      return restored(next, [...state.past, step(state)], future);
    }
  }
}

function step({ definition, selection, merge }: EditorState): Step {
  return { definition, selection, merge };
}

function restored(to: Step, past: readonly Step[], future: readonly Step[]): EditorState {
  return {
    definition: to.definition,
    selection: existing(to.definition, to.selection),
    past,
    future,
    merge: undefined,
  };
}

function existing(definition: AppDefinition, selection: Selection): Selection {
  return exists(definition, selection) ? selection : app;
}
