// How long something is still open, by the server's clock.
// Invariant: this device's own time of day never matters, only how much of it passes.

/** What a challenge says of its time. */
interface Span {
  now: string;
  expiresAt: string;
}

/** The moment it closes, as `performance.now()` counts. */
export const closing = ({ now, expiresAt }: Span, here: number): number =>
  here + Math.max(0, Date.parse(expiresAt) - Date.parse(now));

/** How many seconds before it closes people are warned: a minute, or half of what there is. */
export const warning = ({ now, expiresAt }: Span): number =>
  Math.min(60, Math.ceil((Date.parse(expiresAt) - Date.parse(now)) / 2000));

/** Seconds there are still. */
const left = ({ now, expiresAt }: Span): number => (Date.parse(expiresAt) - Date.parse(now)) / 1000;

/** Whether there was all the time that was given at first, a second aside: then there may be more. */
export const wasGranted = (first: Span, next: Span): boolean => left(next) > left(first) - 1;

/** Seconds as people read them: 0:42. */
export const counted = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
