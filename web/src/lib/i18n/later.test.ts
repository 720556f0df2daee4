import { expect, test, vi } from "vitest";
import { language, later, messages } from "./language.svelte";

const m = messages<Record<"checkpoint_ok" | "turn_leave" | "sign_in", () => string>>();
const own = (text: string) => () => Promise.resolve({ default: { sign_in: text } });

test("messages that come later are there with what shows them, and follow the language", async () => {
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { languages: ["en"] });
  await language.start({ en: own("Sign in"), de: own("Anmelden") }, false, "en");
  expect(m.turn_leave()).toBe("turn_leave");
  expect(await later(() => Promise.resolve(7), "turn")).toBe(7);
  expect([m.sign_in(), m.turn_leave()]).toEqual(["Sign in", "Do not wait"]);

  // A part is loaded while another language is being chosen.
  const chosen = language.change("de", false);
  await later(() => Promise.resolve(), "checkpoint");
  await chosen;
  expect([m.sign_in(), m.turn_leave(), m.checkpoint_ok()]).toEqual(["Anmelden", "Nicht warten", "OK"]);
  vi.unstubAllGlobals();
});

test("an entry that has the messages of every part loads none", async () => {
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { languages: ["en"] });
  await language.start({ en: own("Sign in"), de: own("Anmelden") }, true, "en");
  const table = language.table;
  await later(() => Promise.resolve(), "turn");
  expect(language.table).toBe(table);
  vi.unstubAllGlobals();
});
