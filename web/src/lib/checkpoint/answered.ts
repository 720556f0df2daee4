// What somebody else answered, in words.
import type { Challenge } from "../api/types";
import { m } from "./m";

/** What became of one that is over by others' doing, or by time. */
export function ending({ state, answer }: Pick<Challenge, "state" | "answer">): string {
  const name = answer?.by;
  switch (state) {
    case "expired":
      return name ? m.waiting_ended_left({ name }) : m.waiting_ended_late();
    case "done":
      return name ? m.waiting_ended_done({ name }) : m.eyes_elsewhere();
    case "cancelled":
      return name ? m.waiting_ended_refused({ name }) : m.eyes_withdrawn();
    default:
      return name ? m.waiting_ended_failed({ name }) : m.checkpoint_gone();
  }
}

/** The same as one text, with what they said to it. */
export const said = (challenge: Pick<Challenge, "state" | "answer">): string =>
  challenge.answer?.comment ? `${ending(challenge)} “${challenge.answer.comment}”` : ending(challenge);
