// What is done, as a title.
import { m } from "./m";

/** An app says it in its own words; Gridkeep's own operations are named by their gates. */
export function titleOf(action: string): string {
  const own: Readonly<Record<string, () => string>> = {
    CHECKPOINT_CONFIG: m.gate_own_checkpoints,
    ERASURE: m.gate_own_erasure,
    EXPORT_ALL: m.gate_own_export,
    PIN_CHANGE: m.gate_own_pin,
    PROVIDER_CONFIG: m.gate_own_providers,
  };
  return own[action]?.() ?? action;
}
