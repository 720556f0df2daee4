// Scenarios: a calculator's entries under a name, kept on this device by app and version.
// Invariant: what is on the device is read with care; anything odd counts as no scenario.
import type { Scalar } from "$lib/api/types";
import { storage } from "$lib/i18n/language.svelte";

export interface Scenario {
  name: string;
  /** When it was saved, ISO. */
  at: string;
  inputs: Record<string, Scalar>;
}

const key = (app: string, version: number) => `gridkeep.scenarios.${app}.${version}`;

export function readScenarios(app: string, version: number, from = storage()): Scenario[] {
  try {
    const read: unknown = JSON.parse(from?.getItem(key(app, version)) ?? "[]");
    return Array.isArray(read) ? read.filter(isScenario) : [];
  } catch {
    return [];
  }
}

function isScenario(value: unknown): value is Scenario {
  const { name, at, inputs } = (value ?? {}) as Partial<Scenario>;
  return typeof name === "string" && typeof at === "string" && typeof inputs === "object" && inputs !== null;
}

/** Keeps them; false when the device refuses. */
export function writeScenarios(
  app: string,
  version: number,
  list: readonly Scenario[],
  to = storage(),
): boolean {
  try {
    to?.setItem(key(app, version), JSON.stringify(list));
    return to !== undefined;
  } catch {
    return false;
  }
}

/** The list with `scenario` first; one of the same name is replaced. */
export function put(list: readonly Scenario[], scenario: Scenario): Scenario[] {
  return [scenario, ...list.filter(({ name }) => name !== scenario.name)];
}
