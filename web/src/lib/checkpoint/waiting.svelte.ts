// What waits for the approval of whoever is signed in; asked anew when something begins to wait and when the page is looked at
// again.
import { getWaiting } from "../api/approvals";
import { WAITS, words } from "../api/http";
import type { WaitingItem } from "../api/types";

/** Between two looks that nobody asked for. */
const REST = 60_000;

class Waiting {
  own = $state.raw<readonly WaitingItem[]>([]);
  others = $state.raw<readonly WaitingItem[]>([]);
  loaded = $state.raw(false);
  problem = $state.raw("");
  #looked = 0;
  #listens = false;

  /** Those that this very person can approve or discard. */
  get count(): number {
    return this.own.length + this.others.length;
  }

  async load(): Promise<void> {
    this.#looked = performance.now();
    this.#listen();
    try {
      const { own, others } = await getWaiting();
      [this.own, this.others, this.loaded, this.problem] = [own, others, true, ""];
    } catch (error) {
      this.problem = words(error);
    }
  }

  forget(): void {
    [this.own, this.others, this.loaded] = [[], [], false];
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    addEventListener(WAITS, () => void this.load());
    document.addEventListener("visibilitychange", () => {
      const old = performance.now() - this.#looked > REST;
      if (this.loaded && old && document.visibilityState === "visible") void this.load();
    });
  }
}

export const waiting = new Waiting();
