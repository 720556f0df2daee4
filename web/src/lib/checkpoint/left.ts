// Where somebody was when they asked for what takes a second person: the way back there.
// Invariant: only where they were is kept, in this browser; nothing of what they entered, which may be secret.
import { within } from "../api/place";
import type { WaitingItem } from "../api/types";

const PREFIX = "gridkeep:asked:";
/** Nothing waits longer than that. */
const KEPT = 60 * 24 * 60 * 60_000;

interface Left {
  at: number;
  path: string;
}

/** Keeps that it was asked for here. */
export function leave(id: string, path: string, now: number): void {
  try {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)))
      if (!(now - (read(key)?.at ?? 0) < KEPT)) localStorage.removeItem(key);
    localStorage.setItem(PREFIX + id, JSON.stringify({ at: now, path } satisfies Left));
  } catch {
    // Without it the page where such things are done is led to.
  }
}

/** Where it was asked for, as far as this browser knows; otherwise where such things are done. */
export function placeOf({ challenge, firstGate }: Pick<WaitingItem, "challenge" | "firstGate">): string {
  const usual: Readonly<Record<string, string>> = {
    CHECKPOINT_CONFIG: "/checkpoints",
    ERASURE: "/people",
    EXPORT_ALL: "/audit",
    PIN_CHANGE: "/account/security",
    PROVIDER_CONFIG: "/providers",
  };
  return read(PREFIX + challenge)?.path ?? within(usual[firstGate] ?? "/");
}

function read(key: string): Left | undefined {
  try {
    const left = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Left> | null;
    // A path of ours and of nobody else's host.
    return left?.at && left.path && /^\/(?![/\\])/.test(left.path) ? (left as Left) : undefined;
  } catch {
    return undefined;
  }
}
