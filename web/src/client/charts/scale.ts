// Axes: round steps, positions, short labels.

/** An axis from `low` to `high` in steps people can read. */
export interface Axis {
  low: number;
  high: number;
  ticks: number[];
}

/** A step of 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(span: number, parts: number): number {
  const rough = span / Math.max(1, parts);
  const power = 10 ** Math.floor(Math.log10(rough));
  const times = rough / power;
  const nice = times <= 1 ? 1 : times <= 2 ? 2 : times <= 2.5 ? 2.5 : times <= 5 ? 5 : 10;
  return nice * power;
}

/** An axis that holds all values; bars and areas begin at zero. */
export function axis(values: readonly (number | null)[], fromZero: boolean, parts = 4): Axis {
  const real = values.filter((value): value is number => value !== null && Number.isFinite(value));
  let low = Math.min(...real);
  let high = Math.max(...real);
  if (!real.length) [low, high] = [0, 1];
  // A line far from zero may leave it out; one that is near begins there.
  if (fromZero || (low > 0 && low < high * 0.6)) low = Math.min(0, low);
  if (fromZero || (high < 0 && high > low * 0.6)) high = Math.max(0, high);
  if (low === high) [low, high] = low === 0 ? [0, 1] : low > 0 ? [0, high] : [low, 0];
  const step = niceStep(high - low, parts);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = [];
  for (let count = first; count <= last; count++) ticks.push(Number((count * step).toPrecision(12)));
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks };
}

/** Where a value lies between `from` and `to`. */
export function place(value: number, axis: Axis, from: number, to: number): number {
  return from + ((value - axis.low) / (axis.high - axis.low)) * (to - from);
}

/** Every how many categories a label fits. */
export function labelEvery(count: number, room: number, needed: number): number {
  return Math.max(1, Math.ceil((count * needed) / Math.max(1, room)));
}

/** Short figures for an axis: 1.2K, 1,2 Mio. */
export function axisText(value: number, locale: string): string {
  const short = Math.abs(value) >= 10_000;
  return new Intl.NumberFormat(locale, {
    notation: short ? "compact" : "standard",
    maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2,
  }).format(value);
}

/** Paths through points, broken where a value is missing. */
export function linePath(points: readonly (readonly [number, number] | null)[]): string {
  let open = false;
  let path = "";
  for (const point of points) {
    if (point) path += `${open ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    open = point !== null;
  }
  return path;
}

/** A slice of a pie around (0, 0), angles in turns from the top. */
export function slicePath(from: number, to: number, radius: number, inner: number): string {
  const at = (turn: number, r: number) => {
    const angle = (turn - 0.25) * 2 * Math.PI;
    return `${(Math.cos(angle) * r).toFixed(2)} ${(Math.sin(angle) * r).toFixed(2)}`;
  };
  const end = to - from >= 0.99999 ? from + 0.99999 : to;
  const large = end - from > 0.5 ? 1 : 0;
  return `M${at(from, radius)}A${radius} ${radius} 0 ${large} 1 ${at(end, radius)}L${at(end, inner)}A${inner} ${inner} 0 ${large} 0 ${at(from, inner)}Z`;
}
