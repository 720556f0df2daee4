// The components of screens, each fetched when an app first needs it: a list never loads a calculator's controls.
import { later } from "$lib/i18n/language.svelte";

/** How each kind of component is fetched. */
export const parts = {
  fields: () => import("./screen/FieldsSection.svelte"),
  cards: () => import("./screen/CardsGroup.svelte"),
  grid: () => import("./screen/GridTable.svelte"),
  chart: () => later(() => import("./charts/Chart.svelte"), "charts"),
  actions: () => later(() => import("./list/FreeActions.svelte"), "rows"),
  list: () => later(() => import("./list/ListView.svelte"), "rows"),
  form: () => later(() => import("./list/FormView.svelte"), "rows"),
  scenarios: () => later(() => import("./scenario/Scenarios.svelte"), "scenarios"),
  voice: () => import("./screen/ResultsVoice.svelte"),
};
