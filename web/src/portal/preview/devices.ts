// The sizes of screens that a preview can take.

export const devices = {
  small: { width: 320, height: 640 },
  phone: { width: 390, height: 780 },
  tablet: { width: 768, height: 1024 },
} as const;
export type Device = keyof typeof devices;

/** How much a screen is shrunk to fit a pane; never enlarged, and never below a quarter. */
export function fit(
  device: Device,
  pane: { width: number; height: number },
): { scale: number; width: number; height: number } {
  const { width, height } = devices[device];
  if (pane.width <= 0 || pane.height <= 0) return { scale: 1, width, height };
  const scale = Math.max(0.25, Math.min(1, pane.width / width));
  // A phone may be shorter than it is in the hand: the app scrolls. It is not shrunk for want of height.
  return { scale, width, height: Math.min(height, Math.max(240, pane.height / scale)) };
}
