// Gates of the tenant, for its administrators.
import { askJson, path } from "./http";
import type { Gate, Gates, GateSettings } from "./types";

export const getGates = () => askJson<Gates>("GET", "/api/checkpoints/gates");

/** Makes a gate, or puts this one in place of it; asks for a fresh proof. */
export const putGate = (gate: Gate) =>
  askJson<void>("PUT", path`/api/checkpoints/gates/${gate.id}`, { body: gate });

export const removeGate = (id: string) => askJson<void>("DELETE", path`/api/checkpoints/gates/${id}`);

export const getGateSettings = () => askJson<GateSettings>("GET", "/api/checkpoints/settings");
export const putGateSettings = (settings: GateSettings) =>
  askJson<void>("PUT", "/api/checkpoints/settings", { body: settings });
