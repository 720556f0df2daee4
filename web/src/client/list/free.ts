// Actions called on no row: on which screen people find them.
import type { ActionDefinition, Screen } from "$lib/api/types";
import { mayRun } from "../access";
import type { AppState } from "../state.svelte";

/**
 * The actions called on no row that a screen offers to this person: each on the first screen with a list of rows that it
 * changes, else on the first of all.
 */
export function freeActions(app: AppState, screen: Screen): ActionDefinition[] {
  const screens = app.screens;
  const lists = ({ components }: Screen, action: ActionDefinition) =>
    components.some(
      (one) =>
        one.type === "list" && action.steps.some((step) => step.do !== "set" && step.table === one.table),
    );
  const home = (action: ActionDefinition) => screens.find((one) => lists(one, action)) ?? screens[0];
  return (app.definition.actions ?? []).filter(
    (action) => action.table === undefined && mayRun(action, app.app.role) && home(action)?.id === screen.id,
  );
}
