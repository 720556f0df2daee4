import { expect, test } from "vitest";
import { reachedWithout } from "./reach.mjs";

const shown = { "a/m.ts": "export const m = messages<DialogMessages>();" };
const dialog = { ...shown, "a/Dialog.svelte": '<script>\n  import { m } from "./m";\n</script>' };
const whole = 'later(() => import("./a/Dialog.svelte"), "other", "dialog")';

function check(modules: Record<string, string>, ways: string[]): void {
  const found = reachedWithout(new Map(Object.entries(modules)), "main.ts", "dialog", "DialogMessages");
  expect(found.map((way: string[]) => way.join(" > "))).toEqual(ways);
}

test.each<[string, Record<string, string>, string[]]>([
  ["loaded with it", { ...dialog, "main.ts": `void ${whole};` }, []],
  [
    "loaded with it, over lines",
    { ...dialog, "main.ts": whole.replaceAll(", ", ",\n  ").replace("(()", "(\n ()") },
    [],
  ],
  [
    "at once",
    { ...dialog, "main.ts": 'import Dialog from "./a/Dialog.svelte";' },
    ["main.ts > a/Dialog.svelte > a/m.ts"],
  ],
  [
    "later, without",
    { ...dialog, "main.ts": 'void import("./a/Dialog.svelte");' },
    ["main.ts > a/Dialog.svelte > a/m.ts"],
  ],
  [
    "later, with others",
    { ...dialog, "main.ts": 'later(() => import("./a/Dialog.svelte"), "other");' },
    ["main.ts > a/Dialog.svelte > a/m.ts"],
  ],
  [
    "one way with, one without",
    {
      ...dialog,
      "main.ts": `${whole}; import("./b");`,
      "b.ts": 'export * from "$lib/c";',
      "lib/c.ts": 'import {\n  x,\n} from "../a/m";',
    },
    ["main.ts > b.ts > lib/c.ts > a/m.ts"],
  ],
  ["its type alone", { ...shown, "main.ts": 'import type { M } from "./a/m";' }, []],
  [
    "what comes after is loaded, too",
    {
      ...dialog,
      "main.ts": 'later(() => import("./b"), "dialog")',
      "b.ts": 'void import("./a/Dialog.svelte");',
    },
    [],
  ],
])("%s", (_, modules, ways) => check(modules, ways));
