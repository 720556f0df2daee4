// The components of screens, each fetched when an app first needs it: a list never loads a calculator's controls.

/** How each kind of component is fetched. */
export const parts = {
  fields: () => import("./screen/FieldsSection.svelte"),
  cards: () => import("./screen/CardsGroup.svelte"),
  grid: () => import("./screen/GridTable.svelte"),
  chart: () => import("./charts/Chart.svelte"),
  actions: () => import("./list/FreeActions.svelte"),
  list: () => import("./list/ListView.svelte"),
  form: () => import("./list/FormView.svelte"),
  scenarios: () => import("./scenario/Scenarios.svelte"),
  voice: () => import("./screen/ResultsVoice.svelte"),
};
