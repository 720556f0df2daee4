// Gates in words.
import type { CommentRule, Gate, GateMethod, Gates, OfflinePolicy } from "$lib/api/types";
import { m } from "../m";

export const methods: readonly GateMethod[] = ["password", "pin", "passkey", "company"];

/** Ids of the other gates that are on and take no way of confirming in common with this one. */
export const disjoint = (gate: Gate, all: readonly Gate[]): string[] =>
  all
    .filter(({ id, active, methods }) => {
      const other = active && id !== gate.id && methods.length > 0 && gate.methods.length > 0;
      return other && !methods.some((method) => gate.methods.includes(method));
    })
    .map(({ id }) => id);

export function methodName(method: GateMethod): string {
  return {
    password: m.gate_method_password,
    pin: m.gate_method_pin,
    passkey: m.gate_method_passkey,
    company: m.gate_method_company,
  }[method]();
}

/** The gate of gates. */
const CONFIG = "CHECKPOINT_CONFIG";

/** That nobody can meet the gate of gates, why, and the ways out; nothing where somebody can. */
export function unmeetable({ gates, workspace }: Gates, locale: string): string | undefined {
  const config = gates.find(({ gate }) => gate.id === CONFIG);
  if (!config?.provers?.lacks) return undefined;
  const ways = new Intl.ListFormat(locale, { type: "disjunction" });
  const why =
    config.provers.lacks === "way"
      ? m.gates_unmeetable_way({ id: CONFIG, ways: ways.format(config.gate.methods.map(methodName)) })
      : m.gates_unmeetable_second({ id: CONFIG });
  return `${why} ${m.gates_unmeetable_out({ command: `gridkeep checkpoints off --tenant ${workspace}` })}`;
}

export const commentRules: readonly CommentRule[] = ["none", "optional", "required"];

export function commentName(rule: CommentRule): string {
  return { none: m.gate_comment_none, optional: m.gate_comment_optional, required: m.gate_comment_required }[
    rule
  ]();
}

export const policies: readonly OfflinePolicy[] = ["defer", "forbid", "deviceSigned"];

export function policyName(policy: OfflinePolicy): string {
  return {
    defer: m.gate_offline_defer,
    forbid: m.gate_offline_forbid,
    deviceSigned: m.gate_offline_device,
  }[policy]();
}

/** What a parameter stands for. */
export function parameterName(name: string): string {
  const general: Record<string, () => string> = {
    ACTION: m.gate_value_action,
    APP: m.gate_value_app,
    COUNT: m.gate_value_count,
    DATE: m.gate_value_date,
    EVENT: m.gate_value_event,
    TABLE: m.gate_value_table,
    TIME: m.gate_value_time,
    USER: m.gate_value_user,
  };
  const own = general[name];
  if (own) return own();
  const before = /^OLD_(.+)$/.exec(name)?.[1];
  return before ? m.gate_value_before({ name: before }) : m.gate_value_column({ name });
}
