// Weighs the two entries after a build and writes .br and .gz beside every asset.
// Invariant: an entry weighs what a browser loads before the first screen: its script, the scripts that imports
// statically, their styles and one language. Over budget fails the build.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const budgets = [
  { entry: "client.html", language: /messages\/client\.de\.js$/, kilobytes: 40 },
  { entry: "index.html", language: /messages\/portal\.de\.js$/, kilobytes: 120 },
];
const engineBudget = 2_000_000;

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const gzipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

function initial(entry, language) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit(entry);
  for (const key of Object.keys(manifest)) if (language.test(key)) visit(key);
  return [...files];
}

let over = false;
for (const { entry, language, kilobytes } of budgets) {
  const files = initial(entry, language);
  const bytes = files.reduce((sum, file) => sum + gzipped(file), 0);
  const fits = bytes <= kilobytes * 1000;
  over ||= !fits;
  console.log(
    `size: ${entry} ${(bytes / 1000).toFixed(1)} kB gzip in ${files.length} files, budget ${kilobytes} kB${fits ? "" : " – OVER BUDGET"}`,
  );
}

const assets = join(dist, "assets");
for (const name of readdirSync(assets)) {
  if (!/\.(js|css|svg|wasm|json)$/.test(name)) continue;
  const path = join(assets, name);
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  if (name.endsWith(".wasm")) {
    const fits = brotli.length <= engineBudget;
    over ||= !fits;
    console.log(
      `size: engine ${(brotli.length / 1e6).toFixed(2)} MB brotli (${(statSync(path).size / 1e6).toFixed(1)} MB), budget 2 MB${fits ? "" : " – OVER BUDGET"}`,
    );
  }
}
if (!existsSync(join(dist, "client.html"))) throw new Error("client.html is missing from the build");
process.exit(over ? 1 : 0);
