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
      if (!name) return m.eyes_withdrawn();
      return answer.withdrawn ? m.waiting_ended_taken_back({ name }) : m.waiting_ended_refused({ name });
    default:
      return name ? m.waiting_ended_failed({ name }) : m.checkpoint_gone();
  }
}

/** The same as one text, with what they said to it. */
export const said = (challenge: Pick<Challenge, "state" | "answer">): string =>
  challenge.answer?.comment ? `${ending(challenge)} “${challenge.answer.comment}”` : ending(challenge);
