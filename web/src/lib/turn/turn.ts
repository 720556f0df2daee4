// Waits for one's turn where so many sign in that the server has no place left to wait in.
// Invariant: whoever waits sees for how long, and may leave.
import { mount, unmount } from "svelte";
import Turn from "./Turn.svelte";

/** Whether the turn has come; false when it was given up. */
export async function turn(seconds: number, signal?: AbortSignal): Promise<boolean> {
  let banner: Record<string, unknown> | undefined;
  try {
    return await new Promise<boolean>((ondone) => {
      signal?.addEventListener("abort", () => ondone(false));
      banner = mount(Turn, { target: document.body, props: { seconds, ondone } });
    });
  } finally {
    if (banner) await unmount(banner);
  }
}
