// Two entries, one house: `index.html` is the portal, `client.html` the published app.
// Invariant: nothing is inlined into the HTML, so that the server's content security policy needs no exception.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["GRIDKEEP_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { $lib: at("./src/lib"), $generated: at("./src/generated") } },
  worker: { format: "es" },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rollupOptions: { input: { portal: at("./index.html"), client: at("./client.html") } },
  },
  server: { proxy: { "/api": server } },
});
