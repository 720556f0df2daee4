// Colours that can be read: an accent of any hue becomes one that stands out from the surface it lies on.
// Invariant: what `accentOn` returns has at least 4.5:1 against that surface (WCAG 2.2, 1.4.3), in both schemes.

/** Red, green and blue from 0 to 1. */
export type Rgb = readonly [number, number, number];

/** Reads `#rrggbb`; nothing else. */
export function parseHex(hex: string): Rgb | undefined {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return undefined;
  return [1, 2, 3].map((index) => parseInt(match[index]!, 16) / 255) as unknown as Rgb;
}

/** Writes `#rrggbb`. */
export function toHex(rgb: Rgb): string {
  const part = (value: number) =>
    Math.round(Math.min(1, Math.max(0, value)) * 255)
      .toString(16)
      .padStart(2, "0");
  return `#${rgb.map(part).join("")}`;
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** Relative luminance (WCAG 2.2). */
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(linear) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio, from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb =>
  a.map((value, index) => value + (b[index]! - value) * share) as unknown as Rgb;

const WHITE: Rgb = [1, 1, 1];
const BLACK: Rgb = [0, 0, 0];

/** `accent`, moved towards black or white just as far as `ratio` against every one of `surfaces` needs. */
export function accentOn(accent: Rgb, surfaces: readonly Rgb[], ratio = 4.5): Rgb {
  const towards = luminance(surfaces[0]!) > 0.18 ? BLACK : WHITE;
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = parseHex(toHex(mix(accent, towards, share)))!;
    if (surfaces.every((surface) => contrast(candidate, surface) >= ratio)) return candidate;
  }
  return towards;
}

/** Black or white, whichever is easier to read on `fill`; one of them always has 4.5:1. */
export function inkOn(fill: Rgb): Rgb {
  return contrast(fill, WHITE) >= contrast(fill, BLACK) ? WHITE : BLACK;
}
