// What rows of the log say, in words; what nobody has words for is shown as it is.
import type { AuditFault } from "$lib/api/audit";
import { m } from "../m";

const nouns: Record<string, () => string> = {
  "config.apps": m.audit_apps,
  "config.audit": m.audit_log,
  "config.checkpoints": m.audit_gates,
  "config.directory": m.audit_directory,
  "config.domains": m.audit_domains,
  "config.factors": m.audit_factors,
  "config.gates": m.audit_gates,
  "config.grants": m.audit_grants,
  "config.groups": m.audit_groups,
  "config.handlers": m.audit_handlers,
  "config.invitation_links": m.audit_links,
  "config.invitations": m.audit_invitations,
  "config.keys": m.audit_keys,
  "config.people": m.audit_people,
  "config.pins": m.audit_pins,
  "config.programs": m.audit_programs,
  "config.providers": m.audit_providers,
  "config.tenants": m.audit_tenants,
  audit: m.audit_log,
  checkpoint: m.audit_checkpoint,
};

const verbs: Record<string, () => string> = {
  added: m.audit_added,
  approved: m.audit_approved,
  cancelled: m.audit_cancelled,
  changed: m.audit_changed,
  checked: m.audit_checked,
  config: m.audit_changed,
  denied: m.audit_denied,
  ended: m.audit_removed,
  erased: m.audit_erased,
  expired: m.audit_expired,
  group_added: m.audit_group_added,
  group_changed: m.audit_group_changed,
  group_removed: m.audit_group_removed,
  listed: m.audit_added,
  passed: m.audit_passed,
  person_added: m.audit_person_added,
  person_changed: m.audit_person_changed,
  person_removed: m.audit_person_removed,
  published: m.audit_published,
  read: m.audit_read,
  removed: m.audit_removed,
  reset: m.audit_reset,
  resumed: m.audit_resumed,
  rolled_back: m.audit_rolled_back,
  sent: m.audit_sent,
  stopped: m.audit_stopped,
  token_added: m.audit_token_added,
  token_removed: m.audit_token_removed,
  unmeetable: m.audit_unmeetable,
  verified: m.audit_verified,
};

/** What happened. */
export function happened(kind: string): string {
  const at = kind.lastIndexOf(".");
  const noun = nouns[kind.slice(0, at)];
  const verb = verbs[kind.slice(at + 1)];
  return noun && verb ? m.audit_happened({ noun: noun(), verb: verb() }) : kind;
}

/** Whether it is a try that did not come through. */
export const isBad = (kind: string) => /\.(denied|expired|failed|unmeetable)$/.test(kind);

/** What is wrong with a log. */
export function wrong(fault: AuditFault): string {
  const [from, to] = [fault.from ?? 0, fault.to ?? 0];
  const rows = from === to ? m.audit_row_of({ row: from }) : m.audit_rows_of({ from, to });
  switch (fault.code) {
    case "missing":
      return m.audit_fault_missing({ rows });
    case "edited":
      return m.audit_fault_edited({ rows });
    case "unchained":
      return m.audit_fault_unchained({ rows });
    case "value":
      return m.audit_fault_value({ rows, name: fault.name ?? "" });
    case "valuesGone":
      return m.audit_fault_gone({ count: fault.count ?? 0 });
    case "end":
      return m.audit_fault_end();
    case "heads":
      return m.audit_fault_heads({ count: fault.count ?? 0 });
    case "node":
      return m.audit_fault_node({ rows });
    case "truncated":
      return m.audit_fault_truncated({ rows });
    case "rewritten":
      return m.audit_fault_rewritten({ rows });
    default:
      return m.audit_fault_signature({ count: to });
  }
}

const names: Record<string, () => string> = {
  name: m.fact_name,
  kind: m.fact_kind,
  enabled: m.fact_enabled,
  events: m.fact_events,
  target: m.fact_target,
  region: m.fact_region,
  role: m.fact_role,
  groups: m.fact_groups,
  values: m.fact_values,
  rows: m.fact_rows,
  faults: m.fact_faults,
  sequence: m.fact_sequence,
  message: m.fact_message,
  comment: m.fact_comment,
  approver: m.fact_approver,
  ip: m.fact_ip,
  device: m.fact_device,
  method: m.fact_method,
  reason: m.fact_reason,
  app: m.fact_app,
  appVersion: m.fact_app_version,
  operation: m.fact_operation,
  transaction: m.fact_transaction,
  challenge: m.fact_challenge,
  contentHash: m.fact_content_hash,
  fourEyes: m.fact_four_eyes,
  person: m.fact_person,
  member: m.fact_member,
  to: m.fact_to,
  writes: m.fact_writes,
  via: m.fact_via,
};

/** What a fact or a value is called; what nobody has words for, as programs call it. */
export const nameOf = (name: string): string => names[name]?.() ?? name;

/** A fact or a value, as text. */
export const shown = (value: unknown): string =>
  typeof value === "string"
    ? value
    : typeof value === "boolean"
      ? value
        ? m.fact_yes()
        : m.fact_no()
      : value === null || value === undefined
        ? "–"
        : JSON.stringify(value);

/** One changed row of a table. */
export interface RowChange {
  table: string;
  row: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text with the people whom it names, who stand beside it while nobody has erased them. */
export function named(
  text: string | null | undefined,
  beside: Record<string, { value?: string | null }>,
): string | undefined {
  return text?.replace(
    /&(ADDRESS_\d+)/g,
    (place, name: string) => beside[name.toLowerCase()]?.value ?? place,
  );
}

/** The rows that a transaction changed, as the log has them: what is none is left out. */
export function changesOf(text: string | null | undefined): RowChange[] {
  if (!text) return [];
  try {
    const all: unknown = JSON.parse(text);
    if (!Array.isArray(all)) return [];
    return all.filter(isRecord).map((one) => ({
      table: shown(one["table"] ?? ""),
      row: shown(one["row"] ?? ""),
      before: isRecord(one["before"]) ? one["before"] : {},
      after: isRecord(one["after"]) ? one["after"] : {},
    }));
  } catch {
    return [];
  }
}

/** Names with what they were and are, those that are the same left out. */
export function differences(
  before: unknown,
  after: unknown,
): [name: string, before: string, after: string][] {
  const [was, is] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .map((name): [string, string, string] => [name, shown(was[name]), shown(is[name])])
    .filter(([, one, other]) => one !== other);
}
