// Finds the number that a puzzle hides (ALTCHA, version 1). Runs in a worker: it takes up to a second.
import { sha256 } from "@noble/hashes/sha2.js";
import type { Puzzle } from "../api/types";

/** The number, or undefined where none fits. */
export function solve(puzzle: Puzzle): number | undefined {
  const wanted = Uint8Array.from(puzzle.challenge.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const salted = sha256.create().update(new TextEncoder().encode(puzzle.salt));
  const digits = new TextEncoder();
  for (let number = 0; number <= puzzle.maxnumber; number++) {
    const hash = salted
      .clone()
      .update(digits.encode(String(number)))
      .digest();
    if (hash.every((byte, index) => byte === wanted[index])) return number;
  }
  return undefined;
}

/** What the server reads in `x-gridkeep-work`. */
export function payload(puzzle: Puzzle, number: number): string {
  const { algorithm, challenge, salt, signature } = puzzle;
  return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
}
