// Security checkpoints as crates/model/src/checkpoint and crates/server/src/checkpoint write them.

/** How somebody proves that they are there. */
export type GateMethod = "password" | "pin" | "passkey" | "company";
export type CommentRule = "none" | "optional" | "required";
/** What happens to a transaction that comes without its person. */
export type OfflinePolicy = "forbid" | "defer" | "deviceSigned";
export type RowEvent = "insert" | "update" | "delete";

/** A gate of a tenant. */
export interface Gate {
  id: string;
  description: string;
  /** With `&PARAM` for values of the transaction. */
  message: string;
  active: boolean;
  methods: GateMethod[];
  comment: CommentRule;
  retypeUsername: boolean;
  ttlSeconds: number;
  offline: OfflinePolicy;
}

/** What holds for all gates. */
export interface GateSettings {
  enabled: boolean;
  retypeUsername: boolean;
  commentsRequired: boolean;
  anyEntitled: boolean;
  fourEyes: boolean;
  waitHours: number;
}

/** A gate and where it asks. */
export interface GateAtWork {
  gate: Gate;
  /** What its message can show wherever it is named. */
  parameters: string[];
  apps: { app: string; name: string; places: string[] }[];
  /** Who can meet it now, where it asks those who administer the workspace; null of others. */
  provers: GateProvers | null;
}

/** Who can meet a gate now. */
export interface GateProvers {
  /** Addresses of those who can, the first ten. */
  able: string[];
  count: number;
  administrators: number;
  /** What is lacking: somebody with a way that it takes, or a second one who approves; null where it can be met. */
  lacks: "way" | "second" | null;
}

export interface Gates {
  gates: GateAtWork[];
  /** Ids of gates that Gridkeep itself asks at, when they are there. */
  builtIn: string[];
  /** What whoever runs the server calls the workspace. */
  workspace: string;
}

/** An app's table or action names a gate. */
export interface GateUse {
  gate: string;
  /** Of a table: before which changes; all when absent. */
  on?: RowEvent[];
  /** For which rows, in the syntax of `$filter`. */
  where?: string;
}

/** What somebody is to approve, in the server's words. */
export interface Challenge {
  challenge: string;
  state: "open" | "waiting" | "approved" | "done" | "failed" | "cancelled" | "expired";
  app: string | null;
  action: string;
  firstGate: string;
  gates: { gate: string; message: string }[];
  contentHash: string;
  methods: GateMethod[];
  /** Null when it is to be typed. */
  username: string | null;
  comment: CommentRule;
  fourEyes: boolean;
  triesLeft: number;
  expiresAt: string;
  /** The moment at the server. */
  now: string;
  link: string;
  /** Approving does it at once; otherwise the request is sent again. */
  executes: boolean;
  /** What somebody else said who approved it, or turned it down. */
  answer: { by: string; comment: string | null; at: string; withdrawn: boolean } | null;
  /** The request, where it is nothing but its address. */
  request: { method: string; path: string } | null;
}

/** Something that waits for an approval. */
export interface WaitingItem extends Challenge {
  /** How many more messages its gates have; all are shown where it is opened. */
  more: number;
  /** The address of whoever began it. */
  by: string;
  createdAt: string;
}

/** A page of each. */
export interface WaitingForApproval {
  /** What came without the person who asks, what they asked for that takes a second person, and what that one approved. */
  own: WaitingItem[];
  /** What others began and they may approve. */
  others: WaitingItem[];
  /** What they began and others ended, or time; not put away yet. */
  ended: WaitingItem[];
  /** What others began, the person who asks approved, and nobody has carried on: theirs to take back. */
  given: WaitingItem[];
  /** Where the next page begins; null after the last one. */
  nextOwn: string | null;
  nextOthers: string | null;
  nextGiven: string | null;
}

/** Whether somebody has a PIN. */
export interface Pin {
  set: boolean;
  /** It had all its tries. */
  disabled: boolean;
  changedAt: string | null;
}
