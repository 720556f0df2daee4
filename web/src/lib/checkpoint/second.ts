// Waits for the second person that something takes, over whatever page is open: it goes on there when they have approved.
// Invariant: what was entered stays in that page's memory; whoever leaves loses no more than the page, and finds it in the list.
import { mount, unmount } from "svelte";
import type { Challenge } from "../api/types";
import { leave } from "./left";
import SecondDialog from "./SecondDialog.svelte";

export type Second =
  /** They approved: the request is to be sent again. */
  | { is: "approved" }
  /** It will not be done, in words. */
  | { is: "refused"; text: string }
  /** Nobody waits here any more; it goes on waiting. */
  | { is: "left" };

/** Waits, and gives what came of it. */
export async function second(challenge: Challenge): Promise<Second> {
  leave(challenge.challenge, location.pathname, Date.now());
  const focused = document.activeElement;
  let dialog: Record<string, unknown> | undefined;
  try {
    return await new Promise<Second>((ondone) => {
      dialog = mount(SecondDialog, { target: document.body, props: { challenge, ondone } });
    });
  } finally {
    if (dialog) await unmount(dialog);
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
  }
}
