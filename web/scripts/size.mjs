// Weighs the two entries after a build and writes .br and .gz beside every asset.
// Invariant: an entry weighs what a browser loads before the app itself is known: its script, what that imports
// statically, their styles and one language. Over budget fails the build.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const ENTRIES = [
  { name: "client", page: "client.html", kilobytes: 40 },
  { name: "portal", page: "index.html", kilobytes: 120 },
];
const ENGINE_BYTES = 2_000_000;

const gzipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
let over = false;

function weigh(what, bytes, budget) {
  const fits = bytes <= budget;
  over ||= !fits;
  const kilo = (value) => `${(value / 1000).toFixed(1)} kB`;
  console.log(`size: ${what} ${kilo(bytes)}, budget ${kilo(budget)}${fits ? "" : ": OVER BUDGET"}`);
}

/** The files a page loads: those it names, and what they import statically. */
function firstLoad(manifest, page, language) {
  const files = new Set();
  const chunks = Object.values(manifest);
  const visit = (file) => {
    if (files.has(file)) return;
    files.add(file);
    const chunk = chunks.find((candidate) => candidate.file === file);
    for (const css of chunk?.css ?? []) files.add(css);
    for (const key of chunk?.imports ?? []) visit(manifest[key].file);
  };
  const html = readFileSync(join(dist, page), "utf8");
  for (const [, file] of html.matchAll(/"\/(assets\/[^"]+\.(?:js|css))"/g)) visit(file);
  if (!files.size) throw new Error(`${page} loads nothing`);
  visit(manifest[language].file);
  return [...files];
}

for (const { name, page, kilobytes } of ENTRIES) {
  const manifest = JSON.parse(readFileSync(join(dist, `.vite/${name}.json`), "utf8"));
  const language = `src/generated/messages/${name}.de.js`;
  const sum = (files) => files.reduce((total, file) => total + gzipped(file), 0);
  weigh(`${page}, gzip,`, sum(firstLoad(manifest, page, language)), kilobytes * 1000);
  const scripts = Object.values(manifest).flatMap(({ file, css = [] }) => [file, ...css]);
  const all = [...new Set(scripts)].filter((file) => /\.(js|css)$/.test(file) && !/\.en-/.test(file));
  console.log(`size: ${page} with every part that is loaded later ${(sum(all) / 1000).toFixed(1)} kB`);
}

for (const name of readdirSync(join(dist, "assets"))) {
  if (!/\.(js|css|svg|wasm|json)$/.test(name)) continue;
  const path = join(dist, "assets", name);
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  if (name.endsWith(".wasm"))
    weigh(`engine of ${statSync(path).size} bytes, brotli,`, brotli.length, ENGINE_BYTES);
}
process.exit(over ? 1 : 0);
