// Which colours a chart's series get beside the accent.
// Invariant: no series has a hue near the accent's, so that two series never look alike.
import type { Rgb } from "./contrast";

/** Hues of --hue-1 … --hue-7 in styles/tokens.css, in degrees; --hue-8 is grey. */
const HUES = [23, 222, 48, 315, 95, 175, 355];

/** Hue in degrees; undefined for greys. */
export function hue([r, g, b]: Rgb): number | undefined {
  const high = Math.max(r, g, b);
  const span = high - Math.min(r, g, b);
  if (span < 0.06) return undefined;
  const sixth = high === r ? ((g - b) / span + 6) % 6 : high === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return sixth * 60;
}

/** Numbers of the seven colours that follow the accent. */
export function following(accent: Rgb): number[] {
  const own = hue(accent);
  const numbers = HUES.map((_, index) => index + 1);
  const apart = (other: number) => {
    const turn = Math.abs((own ?? 0) - other) % 360;
    return Math.min(turn, 360 - turn);
  };
  if (own === undefined) return numbers;
  const distances = HUES.map(apart);
  const nearest = distances.indexOf(Math.min(...distances)) + 1;
  return [...numbers.filter((number) => number !== nearest), 8];
}
