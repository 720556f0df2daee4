// A thread of its own for a puzzle.
import type { Puzzle } from "../api/types";
import { payload, solve } from "./solve";

self.addEventListener("message", (event: MessageEvent<Puzzle>) => {
  const number = solve(event.data);
  self.postMessage(number === undefined ? undefined : payload(event.data, number));
});
