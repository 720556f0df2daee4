// The golden test in WebAssembly: `node golden.mjs FOLDER` prints one JSON line a file, as testing/golden does natively.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const generated = new URL("../../web/src/generated/engine/", import.meta.url);
const module = readFileSync(new URL("gridkeep_wasm_bg.wasm", generated));

/** A fresh engine; one that has crashed is of no further use. */
async function engine(number) {
  const loaded = await import(new URL(`gridkeep_wasm.js?${number}`, generated));
  await loaded.default({ module_or_path: module });
  loaded.init_panic_hook();
  return loaded.Workbench;
}

const folder = process.argv[2];
const files = readdirSync(folder).filter((name) => /\.xls[xm]$/.test(name));
let Workbench = await engine(0);
for (const [index, file] of files.sort().entries()) {
  try {
    const workbench = Workbench.open(readFileSync(join(folder, file)), file, "2026-11-21T12:00:00", "en");
    const { cells, equal, skipped } = JSON.parse(workbench.compare());
    workbench.free();
    console.log(JSON.stringify({ file, cells, equal, skipped }));
  } catch (error) {
    console.log(JSON.stringify({ file, cells: 0, equal: 0, skipped: 0, error: error.message }));
    Workbench = await engine(index + 1);
  }
}
