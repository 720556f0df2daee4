// What the server says and hears, by name. The one place to change when the API changes.
import type { Challenge } from "./checkpoint-types";
import type { AppDefinition, Binding, Reference, Role, Sort } from "./definition";

export * from "./checkpoint-types";
export * from "./company-types";
export * from "./definition";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A plain value of a cell or column. */
export type Scalar = null | boolean | number | string;

/** RFC 9457, with our own code and, where there is one, the place. */
export interface ProblemDetails {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  place?: string;
  puzzle?: Puzzle;
  /** What is to be approved first, by whoever is there or by whoever comes to it later. */
  checkpoint?: Challenge;
  /** Proofs that may still be tried. */
  triesLeft?: number;
}

/** What is to be solved before the server goes on (ALTCHA, version 1). */
export interface Puzzle {
  algorithm: string;
  challenge: string;
  maxnumber: number;
  salt: string;
  signature: string;
}

/** What somebody is to a tenant; each may do what those before it may. */
export type TenantRole = "guest" | "member" | "maker" | "administrator" | "owner";

export interface Account {
  id: string;
  email: string;
  name: string;
  /** What they are to this tenant; null when they do not belong to it. */
  role: TenantRole | null;
  /** May look into what is the server's. */
  runsServer: boolean;
  /** They came through their company. */
  throughCompany?: boolean;
  /** The address is proven; until then nothing that is shared with it opens. */
  confirmed: boolean;
}

/** A mail, as administrators see it. */
export interface Mail {
  id: string;
  to: string;
  purpose:
    | "confirm"
    | "reset"
    | "passwordChanged"
    | "newBrowser"
    | "invitation"
    | "factorAdded"
    | "factorRemoved"
    | "recoveryCodesMade"
    | "recoveryCodeUsed"
    | "factorsReset"
    | "companyLinked"
    | "pinSet"
    | "pinRemoved"
    | "pinDisabled"
    | "approvalWaits"
    | "approvalAnswered"
    | "invitationDeclined"
    | "gatesUnmeetable";
  status: "queued" | "sent" | "bounced" | "failed" | "kept";
  created: string;
  tries: number;
  due: string | null;
  answer: string | null;
  subject: string | null;
  body: string | null;
}

/** Somebody's signing in, or trying to. */
export interface LoginEvent {
  id: string;
  at: string;
  account: string | null;
  address: string | null;
  apiKey: string | null;
  method:
    | "signUp"
    | "password"
    | "oneTimeCode"
    | "recoveryCode"
    | "passkey"
    | "company"
    | "reset"
    | "change"
    | "apiKey"
    | "program";
  result: "done" | "newBrowser" | "half" | "wrong" | "slowed" | "ended";
  network: string | null;
  agent: string | null;
  /** What the agent is, in words. */
  browser: string | null;
  /** How often: tries that failed alike within an hour are one event. */
  times: number;
  /** When last. */
  last: string;
}

/** A page of them, the newest first. */
export interface LoginEvents {
  events: LoginEvent[];
  /** The `before` that gives the next page. */
  next: string | null;
}

export interface Session {
  account: Account | null;
  firstRun: boolean;
  /** The password was right, and one of these is waited for. */
  secondStep?: { ways: string[] };
  /** What is asked for here and was not shown: `any` or `passkey`. */
  needs?: string;
  /** What people call the tenant, for those who belong to it. */
  workspace?: string;
}

/** A second factor. */
export interface Factor {
  id: string;
  kind: "passkey" | "totp";
  name: string;
  created: string;
  /** When it last let its owner in. */
  used: string | null;
}

/** How an account is protected. */
export interface Security {
  factors: Factor[];
  recoveryCodes: number;
  /** Changes are possible without a new proof of who one is. */
  fresh: boolean;
  /** Fewest characters of a new password. */
  leastPassword: number;
}

/** What a tenant asks of everybody. */
export interface FactorPolicy {
  secondFactor: "none" | "any" | "passkey";
}

/** What an authenticator app is given. */
export interface NewOneTime {
  id: string;
  /** To be typed. */
  secret: string;
  /** To be opened: `otpauth:`. */
  address: string;
  /** To be scanned: SVG. */
  picture: string;
}

/** A place where one is signed in. */
export interface SignedInPlace {
  id: string;
  /** This very one. */
  current: boolean;
  program?: string;
  system?: string;
  address?: string;
  /** A program that acts for one, rather than a browser: whether it may change anything. */
  writes?: boolean;
  /** How one showed who one is (RFC 8176). */
  methods: string[];
  signedInAt: string;
  seenAt: string;
  endsAt: string;
}

/** A program that asks to act for somebody. */
export interface ProgramQuestion {
  name: string;
  /** Gridkeep's own. */
  own: boolean;
  writes: boolean;
  /** The answer stays on this machine. */
  here: boolean;
  /** Where else it goes: a host, or a scheme of the program's own. */
  place: string;
  /** The security checkpoint that it came to: it goes on once whose it is has approved it. */
  checkpoint?: string;
  /** Whether whoever is signed in is. */
  mine?: boolean;
  /** Nobody is to be asked: what it asks for is wrong, and it is told so here. */
  location?: string;
}

/** A program that may ask. */
export interface Program {
  id: string;
  name: string;
  redirects: string[];
  createdAt: string;
}

export interface Sample {
  id: string;
  name: string;
  description: string;
  fileName: string;
}

export type FindingKind =
  | "unsupportedFunction"
  | "unreadableFormula"
  | "circularReference"
  | "limitReached"
  | "externalLink"
  | "macroIgnored"
  | "partIgnored"
  | "volatile";

export interface Finding {
  kind: FindingKind;
  place: string;
  detail: string;
}

export interface ImportReport {
  formulas: number;
  supported: number;
  findings: Finding[];
  omitted: number;
}

export interface SheetOutline {
  name: string;
  visibility: string;
  rows: number;
  columns: number;
  formulas: number;
}

/** Where a name or a table is, in A1 notation. */
export interface OutlinePlace {
  name: string;
  table: boolean;
  sheet: string;
  range: string;
}

export interface Outline {
  sheets: SheetOutline[];
  names: string[];
  tables: string[];
  /** Of the names and tables that stand for cells. */
  places: OutlinePlace[];
}

/** A sentence in each of our languages. */
export interface ReasonText {
  en: string;
  de: string;
}

export interface Proposal {
  id: string;
  kind: "calculator" | "list" | "form" | "dashboard";
  title: string;
  score: number;
  reasons: ReasonText[];
  /** Why columns refer to other tables. */
  references?: ProposedReference[];
  definition: AppDefinition;
}

export interface ProposedReference {
  table: string;
  column: string;
  refers: Reference;
  confidence: number;
  reason: ReasonText;
}

/** What a replaced workbook did to an app's bindings; paths as in `DefinitionProblem`. */
export interface Rebound {
  definition: AppDefinition;
  /** Found at another place; places in words. */
  moved: { path: string; from: string; to: string }[];
  lost: { path: string; binding: Binding }[];
}

export interface Creation {
  token: string;
  expiresAt: string;
  fileName: string;
  bytes: number;
  outline: Outline;
  report: ImportReport;
  /** Cells that people fill in, such as `Sheet1!B3`. */
  inputs: string[];
  proposals: Proposal[];
  replaces?: string;
  rebound?: Rebound;
}

export interface DefinitionProblem {
  path: string;
  code: string;
  message: ReasonText;
}

export type Audience = "prototype" | "private" | "public";

export interface Person {
  email: string;
  name?: string;
}

export interface App {
  id: string;
  name: string;
  description: string;
  icon: string;
  accent: string;
  audience: Audience;
  role: Role;
  version: number;
  versions: number;
  /** The workbook's. */
  fileName: string;
  people: Person[];
  updatedAt: string;
  link: string;
  /** Where programs find the app, with a slash at the end. */
  service: string;
}

/** What programs prove themselves with at an app's service. */
export interface ApiKey {
  id: string;
  name: string;
  /** Whether it may change rows. */
  writes: boolean;
  /** In whose name, for makers who look at the keys of others. */
  person?: string;
  createdAt: string;
  expiresAt?: string;
  /** To about a quarter of an hour. */
  usedAt?: string;
  /** Why it opens nothing although its time is not over. */
  ended?: "password" | "factor" | "company";
}

export interface NewKey {
  name: string;
  writes: boolean;
  /** After how many days it ends; never when absent. */
  days?: number;
}

/** The only answer that has the key itself. */
export type MadeKey = ApiKey & { secret: string };

export interface AppVersion {
  version: number;
  createdAt: string;
  /** Null when the account is gone. */
  createdBy: string | null;
  current: boolean;
  name: string;
}

/** What the client entry loads first. */
export interface ClientApp {
  id: string;
  version: number;
  role: Role;
  definition: AppDefinition;
  fileName: string;
  maker: string;
}

export type Operator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

export interface RowsFilter {
  column: string;
  operator: Operator;
  /** A list, with `eq` only, means any of its values. */
  value: Scalar | Scalar[];
}

export interface RowsRequest {
  sort?: Sort;
  search?: string;
  searchColumns?: string[];
  filters?: RowsFilter[];
  /** Only the row with this id. */
  id?: string;
  limit?: number;
  offset?: number;
  count?: boolean;
}

/** id, version, then one value a column. */
export type RowArray = [id: string, version: number, ...values: Scalar[]];

export interface RowsPage {
  columns: string[];
  rows: RowArray[];
  total: number | null;
}

export type Operation =
  | { type: "insert"; table: string; id: string; values: Record<string, Scalar> }
  | { type: "update"; table: string; id: string; baseVersion: number; values: Record<string, Scalar> }
  | { type: "delete"; table: string; id: string; baseVersion: number }
  | {
      type: "call";
      action: string;
      row?: string;
      baseVersion?: number;
      arguments: Record<string, Scalar>;
    };

export interface Transaction {
  id: string;
  operations: Operation[];
}

export type Reason =
  | { code: "unknownTable" | "unknownColumn" | "readOnly" | "required" | "notAChoice" | "duplicate" }
  | { code: "notFound" | "forbidden" | "idTaken" }
  | { code: "value"; error: "wrongType" | "outOfRange" | "tooPrecise" }
  | { code: "tooSmall"; minimum: string }
  | { code: "tooLarge"; maximum: string }
  | { code: "tooLong"; maximum: number }
  | { code: "conflict"; current: number }
  | { code: "calculation"; error: string }
  | { code: "unknownAction" | "unknownParameter" | "wrongRow" }
  | { code: "notNow"; message: string | null }
  | { code: "tooManyRows"; maximum: number }
  | { code: "tooManyToRead"; table: string; maximum: number };

export interface Problem {
  operation: number;
  column: string | null;
  reason: Reason;
  /** Where in an action. */
  within?: { action: string; step?: number; parameter?: string };
}

export interface AppliedRow {
  operation: number;
  table: string;
  id: string;
  version: number | null;
  values: Scalar[];
}

export type Outcome =
  { outcome: "applied"; sequence: number; rows: AppliedRow[] } | { outcome: "refused"; problems: Problem[] };

/** Somebody who belongs to the tenant. */
export interface TenantPerson {
  id: string;
  email: string;
  name: string;
  role: TenantRole;
  confirmed: boolean;
  since: string;
  /** When they were last at this tenant; null when they never were. */
  seen: string | null;
  /** What whoever invited them was called. */
  invitedBy?: string;
  groups: { id: string; name: string }[];
  /** What else is known, such as `Region`. */
  attributes: Record<string, string>;
}

export interface PeoplePage {
  people: TenantPerson[];
  /** How many there are in all, of those that are looked for. */
  count: number;
  more: boolean;
}

/** A group of people. */
export interface Group {
  id: string;
  name: string;
  members: number;
  /** A company's directory says who is in it: nobody else changes it. */
  directed: boolean;
}

/** A tenant that somebody belongs to. */
export interface OwnTenant {
  name: string;
  title: string;
  role: TenantRole;
  link: string;
  current: boolean;
}

export interface OwnTenants {
  tenants: OwnTenant[];
  mayFound: boolean;
}
