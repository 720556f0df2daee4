// Light or dark, and the accent colour of the app.
// Invariant: styles are set through the CSSOM only; the content security policy forbids style attributes in HTML.
import { storage } from "../i18n/language.svelte";
import { accentOn, inkOn, parseHex, toHex, type Rgb } from "./contrast";
import { following } from "./palette";

export type Scheme = "auto" | "light" | "dark";
const KEY = "gridkeep.scheme";

/** The surfaces of styles/tokens.css that text in the accent colour lies on: surface, paper and band of each scheme. */
export const surfaces = {
  light: ["#ffffff", "#f6f5f0", "#ecebe4"],
  dark: ["#1d2125", "#14171a", "#272c31"],
} as const;

class ThemeState {
  scheme = $state.raw<Scheme>("auto");

  /** Whether the page is dark now, by choice or by the system. */
  get dark(): boolean {
    if (this.scheme !== "auto") return this.scheme === "dark";
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  /** Takes up what was chosen on this device. */
  start(): void {
    const stored = storage()?.getItem(KEY);
    this.set(stored === "light" || stored === "dark" ? stored : "auto", false);
  }

  /** Changes the scheme and remembers it. */
  set(scheme: Scheme, remember = true): void {
    this.scheme = scheme;
    if (scheme === "auto") delete document.documentElement.dataset["scheme"];
    else document.documentElement.dataset["scheme"] = scheme;
    if (remember) storage()?.setItem(KEY, scheme);
  }

  /** Light becomes dark and the other way round. */
  toggle(): void {
    this.set(this.dark ? "light" : "dark");
  }
}

export const theme = new ThemeState();

/** Gives an element, or the page, the accent colour `hex`, made readable on our surfaces; ignores what is no colour. */
export function setAccent(hex: string, element: HTMLElement = document.documentElement): void {
  const accent = parseHex(hex);
  if (!accent) return;
  following(accent).forEach((number, index) =>
    element.style.setProperty(`--series-${index + 2}`, `var(--hue-${number})`),
  );
  for (const scheme of ["light", "dark"] as const) {
    const papers = surfaces[scheme].map((paper) => parseHex(paper) as Rgb);
    const readable = accentOn(accent, papers);
    element.style.setProperty(`--accent-${scheme}`, toHex(readable));
    element.style.setProperty(`--on-accent-${scheme}`, toHex(inkOn(readable)));
  }
}
