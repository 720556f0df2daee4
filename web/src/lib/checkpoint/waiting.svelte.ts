// What waits for the approval of whoever is signed in; asked anew when something begins to wait and when the page is looked at
// again.
import { getWaiting } from "../api/approvals";
import { WAITS, words } from "../api/http";
import type { WaitingItem } from "../api/types";

/** Between two looks that nobody asked for. */
const REST = 60_000;

/** Where the next page of each begins. */
interface Next {
  own: string | null;
  others: string | null;
  given: string | null;
}
const nowhere: Next = { own: null, others: null, given: null };

class Waiting {
  own = $state.raw<readonly WaitingItem[]>([]);
  others = $state.raw<readonly WaitingItem[]>([]);
  ended = $state.raw<readonly WaitingItem[]>([]);
  given = $state.raw<readonly WaitingItem[]>([]);
  loaded = $state.raw(false);
  problem = $state.raw("");
  /** Where there is more of each. */
  #next = $state.raw(nowhere);
  #looked = 0;
  #listens = false;

  /** What waits, as far as it was asked for. */
  get count(): number {
    return this.own.length + this.others.length - this.#approved;
  }

  /** What of theirs others have answered and they have neither carried on nor put away. */
  get answers(): number {
    return this.ended.length + this.#approved;
  }

  get #approved(): number {
    return this.own.filter(({ state }) => state === "approved").length;
  }

  /** Whether there are more than those. */
  get more(): boolean {
    return !!(this.#next.own ?? this.#next.others ?? this.#next.given);
  }

  async load(): Promise<void> {
    this.#looked = performance.now();
    this.#listen();
    try {
      const { own, others, ended, given, nextOwn, nextOthers, nextGiven } = await getWaiting();
      [this.own, this.others, this.ended, this.given] = [own, others, ended, given];
      [this.loaded, this.problem] = [true, ""];
      this.#next = { own: nextOwn, others: nextOthers, given: nextGiven };
    } catch (error) {
      this.problem = words(error);
    }
  }

  /** The next page of each that has one. */
  async loadMore(): Promise<void> {
    const { own, others, given } = this.#next;
    try {
      const next = await getWaiting({
        ...(own ? { afterOwn: own } : {}),
        ...(others ? { afterOthers: others } : {}),
        ...(given ? { afterGiven: given } : {}),
      });
      // Of the one that has no more, the first page came again.
      if (own) this.own = [...this.own, ...next.own];
      if (others) this.others = [...this.others, ...next.others];
      if (given) this.given = [...this.given, ...next.given];
      this.#next = {
        own: own && next.nextOwn,
        others: others && next.nextOthers,
        given: given && next.nextGiven,
      };
      this.problem = "";
    } catch (error) {
      this.problem = words(error);
    }
  }

  forget(): void {
    [this.own, this.others, this.ended, this.given, this.loaded] = [[], [], [], [], false];
    this.#next = nowhere;
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    addEventListener(WAITS, () => void this.load());
    const look = () => {
      const old = performance.now() - this.#looked >= REST;
      if (this.loaded && old && document.visibilityState === "visible") void this.load();
    };
    document.addEventListener("visibilitychange", look);
    // Whoever waits for somebody else is told while they look, and so is whoever let somebody go on.
    setInterval(() => {
      if (this.given.length || this.own.some(({ fourEyes, state }) => fourEyes && state === "waiting"))
        look();
    }, REST);
  }
}

export const waiting = new Waiting();
