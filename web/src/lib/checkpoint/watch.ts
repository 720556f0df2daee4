// Looks again and again at something that ends, while its page is looked at, and seldom after a while.
// Invariant: once it is stopped nothing is looked at any more, whatever was under way.

/** Between two looks: soon at first, seldom after a few minutes. */
const SOON = 3_000;
const SELDOM = 20_000;
const FIRST = 180_000;

/** Looks until it is stopped, with what is given back. */
export function watch(look: () => Promise<void>): () => void {
  const began = performance.now();
  let stopped = false;
  let timer: ReturnType<typeof setTimeout>;
  const next = () => {
    timer = setTimeout(() => void turn(), performance.now() - began < FIRST ? SOON : SELDOM);
  };
  const shown = async () => {
    if (document.visibilityState === "visible") await look();
  };
  const turn = async () => {
    await shown();
    if (!stopped) next();
  };
  const again = () => void shown();
  document.addEventListener("visibilitychange", again);
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", again);
  };
}
