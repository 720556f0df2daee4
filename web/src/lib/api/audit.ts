// The log that is only added to, and who is told of what is in it.
import { ask, askJson, path } from "./http";

/** What is somebody's; no value where it was erased. */
export interface AuditValue {
  value: string | null;
  account: string | null;
}

export interface AuditRow {
  sequence: number;
  kind: string;
  subject: string;
  at: string;
  facts: Record<string, unknown>;
  personal: Record<string, AuditValue>;
  hash: string;
}

export interface AuditPage {
  rows: AuditRow[];
  /** The `before` that gives the next page. */
  next: number | null;
  size: number;
  /** Rows that the last signed head is of. */
  signed: number;
  signedAt: string | null;
}

export interface AuditProof {
  status: string;
  leaf: string;
  hash: string;
  previous: string;
  head: SignedHead | null;
  path: string[];
}

export interface SignedHead {
  tenant: string;
  size: number;
  root: string;
  time: number;
  keyId: string;
  publicKey: string;
  signature: string;
}

export interface AuditDetail {
  row: AuditRow;
  proof: AuditProof;
}

export interface AuditFault {
  code: string;
  from: number | null;
  to: number | null;
  name: string | null;
  count: number | null;
}

export interface AuditReport {
  size: number;
  root: string;
  erased: number;
  heads: number;
  unsigned: number;
  faults: AuditFault[];
  more: number;
}

/** Which rows: all that is given must fit. */
export interface AuditFilter {
  kind?: string;
  subject?: string;
  account?: string;
  from?: string;
  until?: string;
  before?: number;
}

function asked(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
  const text = query.toString();
  return text ? `?${text}` : "";
}

export const getAudit = (filter: AuditFilter) => askJson<AuditPage>("GET", `/api/audit${asked(filter)}`);
export const getAuditRow = (sequence: number) =>
  askJson<AuditDetail>("GET", path`/api/audit/${String(sequence)}`);
export const verifyAudit = () => askJson<AuditReport>("POST", "/api/audit/verification");
/** Erases what the log has of somebody in clear, for good; how many values. */
export const eraseFromAudit = (account: string) =>
  askJson<{ values: number }>("DELETE", path`/api/audit/people/${account}`);
/** Where all of them are to be had as a file. */
export const auditFile = (kind: "csv" | "jsonl", filter: AuditFilter) => `/api/audit.${kind}${asked(filter)}`;
export const headsFile = "/api/audit/heads";

/** Who is told of what happens. */
export interface Handler {
  id: string;
  name: string;
  kind: string;
  target: string;
  /** Names of events; all when there are none. */
  events: string[];
  enabled: boolean;
  /** Of a bucket: the name of its key, and its region. */
  keyId: string | null;
  region: string | null;
  created: string;
  waiting: number;
  dead: number;
}

/** With the secret that requests are signed with, which is shown this once. */
export interface MadeHandler {
  handler: Handler;
  secret: string | null;
}

export interface HandlerSettings {
  name: string;
  kind: string;
  target: string;
  events: string[];
  enabled: boolean;
  /** Of a bucket; the key itself may be left out where it stays the same. */
  bucket?: { id: string; region: string; key?: string };
}

export interface Delivery {
  event: string;
  handler: string;
  name: string;
  sequence: number | null;
  /** `waiting`, `done` or `dead`. */
  state: string;
  tries: number;
  due: string | null;
  answer: string | null;
  /** Whether it may be sent again by hand. */
  mayAgain: boolean;
  at: string;
}

/** A signed head of the log, and where it has come to. */
export interface HeadSent {
  size: number;
  at: string;
  /** `place` is what the handler is called. */
  deliveries: (Delivery & { place: string; kind: string })[];
}

export const getHandlers = () => askJson<Handler[]>("GET", "/api/handlers");
export const addHandler = (handler: HandlerSettings) =>
  askJson<MadeHandler>("POST", "/api/handlers", { body: handler });
export const changeHandler = (id: string, handler: HandlerSettings, secret = false) =>
  askJson<MadeHandler>("PUT", path`/api/handlers/${id}`, { body: { ...handler, newSecret: secret } });
export const removeHandler = (id: string) => ask("DELETE", path`/api/handlers/${id}`);
export const getDeliveries = (id: string) => askJson<Delivery[]>("GET", path`/api/handlers/${id}/deliveries`);
export const sendAgain = (id: string, event: string) =>
  ask("POST", path`/api/handlers/${id}/deliveries/${event}`);
export const getHeads = () => askJson<HeadSent[]>("GET", "/api/audit/heads/deliveries");
