// What every journey begins with: a server, and people with a browser each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, type Browser, type BrowserContextOptions, expect, type Frame, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { App, type Person, Portal } from "./pages.ts";
import { freshDatabase, Server } from "./server.ts";

export const maker: Person = {
  name: "Mara Maker",
  email: "mara@example.org",
  password: "correct horse battery staple",
};
export const second: Person = {
  name: "Sam Second",
  email: "sam@example.org",
  password: "three boats on a calm lake",
};

/** A phone's window. */
export const phone = { width: 390, height: 844 };

interface Journey {
  server: Server;
  /** The maker at the portal, on a desktop. */
  portal: Portal;
  /** Opens an app as somebody else, on a phone unless told otherwise. */
  visit: (link: string, options?: BrowserContextOptions) => Promise<App>;
}

export const test = base.extend<Journey>({
  server: async ({}, use, { project }) => {
    const { postgresql } = project.metadata as { postgresql?: string };
    const server = await Server.start(postgresql && (await freshDatabase(postgresql)));
    await use(server);
    await server.stop();
  },
  portal: async ({ browser, server, locale }, use) => {
    const page = await openPage(browser, { viewport: { width: 1440, height: 900 }, locale });
    await use(new Portal(page, server.address));
    expect(complaints(page)).toEqual([]);
    await page.context().close();
  },
  visit: async ({ browser, locale, server }, use) => {
    const pages: Page[] = [];
    await use(async (link, options = {}) => {
      const page = await openPage(browser, { viewport: phone, hasTouch: true, locale, ...options });
      pages.push(page);
      await page.goto(link);
      return App.of(page, server);
    });
    for (const page of pages) {
      expect(complaints(page)).toEqual([]);
      await page.context().close();
    }
  },
});

export { expect } from "@playwright/test";

const heard = new WeakMap<Page, string[]>();

/** What the browser complained about: errors of scripts, and whatever the content security policy refused. */
export function complaints(page: Page): string[] {
  return heard.get(page) ?? [];
}

async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  const list: string[] = [];
  heard.set(page, list);
  page.on("pageerror", (error) => list.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && /content security policy|refused to/i.test(message.text()))
      list.push(message.text());
  });
  await page.addInitScript(listen);
  return page;
}

declare global {
  interface Window {
    /** What live regions have said since the page was loaded. */
    said: string[];
  }
}

/** Runs in the page: keeps what a screen reader would have spoken, since messages go away by themselves. */
export function listen(): void {
  window.said = [];
  const hear = (place: Node) => {
    const region = (place instanceof Element ? place : place.parentElement)?.closest("[role=status], [role=alert]");
    if (region?.textContent) window.said.push(region.textContent.trim());
  };
  new MutationObserver((changes) => {
    for (const { target } of changes) hear(target);
  }).observe(document, { childList: true, characterData: true, subtree: true });
}

/** Waits until the page has said these words, be they still there or gone again. */
export async function expectSaid(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.said.join("\n"))).toContain(words);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Waits until nothing fades or slides: half-way its colours are nobody's. What runs for ever, as progress does, counts. */
async function settled(frame: Frame): Promise<void> {
  await frame.evaluate(async () => {
    const ends = ({ effect, playState }: Animation) =>
      playState === "running" && Number.isFinite(effect?.getComputedTiming().endTime);
    const moving = () => document.getAnimations().filter(ends);
    // The end of one may be the beginning of another.
    for (let now = moving(); now.length > 0; now = moving())
      await Promise.allSettled(now.map(({ finished }) => finished));
  });
}

/** Checks the screen, frames included, for everything axe knows about accessibility, once all of it is there. Below a dialog that
 *  asks before something is done, that one thing is still under way. */
export async function expectAccessible(page: Page, { asked = false } = {}): Promise<void> {
  // What begins to move only now is at its end at once, as for people who want no motion.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const found: unknown[] = [];
  for (const frame of page.frames()) {
    await expect(frame.locator("progress, [aria-busy=true]")).toHaveCount(asked ? 1 : 0);
    await settled(frame);
    // Evaluated by the debugger, which the page's content security policy does not bind.
    await frame.evaluate(axe);
    const results = (await frame.evaluate(
      `axe.run(document, { iframes: false, runOnly: ${JSON.stringify(rules)} })`,
    )) as AxeResults;
    for (const { id, help, nodes } of results.violations)
      found.push({ rule: id, help, frame: frame.url(), places: nodes.map((node) => node.target.join(" ")) });
  }
  await page.emulateMedia({ reducedMotion: null });
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}
