// Two entries, one house: `index.html` is the portal, `client.html` the published app; GRIDKEEP_ENTRY says which one is
// built, so that neither carries a byte for the other (scripts/build.mjs builds both).
// Invariant: nothing is inlined into the HTML, so that the server's content security policy needs no exception.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["GRIDKEEP_SERVER"] ?? "http://127.0.0.1:8080";
const entries = { portal: at("./index.html"), client: at("./client.html") };
const only = process.env["GRIDKEEP_ENTRY"] as keyof typeof entries | undefined;

/** Modules that every page of the entry loads; what only lazy parts use of Svelte stays with them. */
const base = new Set<string>();
const LATER = /svelte\/src\/internal\/client\/dom\/elements\/bindings\/(size|select|input|media|props)\.js$/;

/** Puts all of an entry's first load into one chunk rather than thirty that each cost a request. */
const oneBase: Plugin = {
  name: "gridkeep:one-base",
  apply: "build",
  buildEnd() {
    base.clear();
    const visit = (id: string): void => {
      if (base.has(id) || LATER.test(id)) return;
      base.add(id);
      this.getModuleInfo(id)?.importedIds.forEach(visit);
    };
    for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry) visit(id);
  },
};

export default defineConfig({
  plugins: [svelte(), oneBase],
  resolve: { alias: { $lib: at("./src/lib"), $generated: at("./src/generated") } },
  worker: { format: "es" },
  build: {
    target: ["es2023", "chrome123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: `.vite/${only ?? "all"}.json`,
    reportCompressedSize: false,
    rolldownOptions: {
      input: only ? { [only]: entries[only] } : entries,
      ...(only
        ? {
            output: { codeSplitting: { groups: [{ name: (id: string) => (base.has(id) ? "base" : null) }] } },
          }
        : {}),
    },
  },
  server: { proxy: { "/api": server, "/odata": server } },
});
