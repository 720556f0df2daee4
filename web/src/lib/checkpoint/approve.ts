// Asks whoever is there to approve one thing, over whatever page is open.
// Invariant: one dialog at a time, in the order things were asked for; the focus goes back to where it was.
import { getChallenge } from "../api/approvals";
import type { Challenge } from "../api/types";
import { mount, unmount } from "svelte";
import CheckpointDialog from "./CheckpointDialog.svelte";

export type Approval =
  | { is: "cancelled" }
  /** The request is to be sent again: in the name of the challenge that was approved where one is named, else to hear what
   *  became of it, or to begin anew. `refused`: the app's own rules let it not be done. `anew`:
   *  nothing was approved. */
  | { is: "repeat"; repeats?: string; refused?: boolean; anew?: boolean };

let before: Promise<unknown> = Promise.resolve();

/** Shows a challenge and gives what came of it. One that `waits` goes on doing so when it is left. */
export function approve(challenge: Challenge, waits = false): Promise<Approval> {
  const next = before.then(() => show(challenge, waits));
  before = next.catch(() => undefined);
  return next;
}

async function show(challenge: Challenge, waits: boolean): Promise<Approval> {
  const focused = document.activeElement;
  // With the ways that this very person has.
  const known = await getChallenge(challenge.challenge).catch(() => challenge);
  let dialog: Record<string, unknown> | undefined;
  try {
    return await new Promise<Approval>((ondone) => {
      dialog = mount(CheckpointDialog, { target: document.body, props: { challenge: known, waits, ondone } });
    });
  } finally {
    if (dialog) await unmount(dialog);
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
  }
}
