// Builds both entries, each by itself, into one dist/.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
for (const entry of ["client", "portal"]) {
  process.env.GRIDKEEP_ENTRY = entry;
  await build({ root, logLevel: "warn", build: { emptyOutDir: false } });
}
