// Solves a puzzle that the server asks for before it goes on, beside the page.
import type { Puzzle } from "../api/types";

/** The solution as the server reads it; undefined where there is none. */
export function solution(puzzle: Puzzle, signal?: AbortSignal): Promise<string | undefined> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise<string | undefined>((resolve) => {
    worker.addEventListener("message", (event: MessageEvent<string | undefined>) => resolve(event.data));
    worker.addEventListener("error", () => resolve(undefined));
    signal?.addEventListener("abort", () => resolve(undefined));
    worker.postMessage({ ...puzzle });
  }).finally(() => worker.terminate());
}
