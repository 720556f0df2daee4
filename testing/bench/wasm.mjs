// What a keystroke costs in the browser's engine: `node wasm.mjs FOLDER`, with the workbooks that gridkeep-bench made.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const generated = new URL("../../web/src/generated/engine/", import.meta.url);
const { default: init, Workbench } = await import(new URL("gridkeep_wasm.js", generated));
await init({
  module_or_path: readFileSync(new URL("gridkeep_wasm_bg.wasm", generated)),
});

const figure = (name, time, goal = "") =>
  console.log(`${name.padEnd(58)} ${`${time.toFixed(1)} ms`.padStart(14)}   ${goal}`);
const field = (id, sheet, cell, mode) => ({
  id,
  label: id,
  binding: { kind: "cell", sheet, cell },
  kind: "number",
  mode,
});

function app(fields) {
  const component = { type: "fields", id: "fields", title: "", fields };
  const screen = {
    id: "main",
    title: "Main",
    icon: "calculator",
    kind: "calculator",
    components: [component],
  };
  return {
    schemaVersion: 1,
    name: "Bench",
    icon: "calculator",
    accent: "#336699",
    language: "en",
    screens: [screen],
  };
}

function open(path, name, definition) {
  const started = performance.now();
  const workbench = Workbench.open(readFileSync(path), name, "2026-01-01T00:00:00", "en");
  const opened = performance.now() - started;
  workbench.bind(JSON.stringify(definition));
  return { workbench, opened };
}

/** The median of some rounds. */
function repeated(work, rounds) {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/** The median of some changes, and the longest. */
function change(workbench, id, rounds) {
  const times = [];
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now();
    JSON.parse(workbench.input(id, JSON.stringify(round + 1)));
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[rounds >> 1], longest: times.at(-1) };
}

const proposed = JSON.parse(readFileSync(join(process.argv[2], "loan.json"), "utf8"));
const loan = open(
  new URL("../../samples/loan_calculator.xlsx", import.meta.url),
  "loan_calculator.xlsx",
  proposed,
);
figure("wasm: open the loan calculator, 1,803 formulas", loan.opened);
const entered = proposed.screens
  .flatMap((screen) => screen.components)
  .flatMap((component) => component.fields ?? [])
  .find((field) => field.mode === "write" && field.kind === "currency");
for (const screen of proposed.screens) {
  const view = loan.workbench.show(screen.id);
  const keystroke = change(loan.workbench, entered.id, 50);
  const size = `view ${(view.length / 1000).toFixed(1)} kB`;
  figure(`wasm: a keystroke with “${screen.title}” open, ${size}`, keystroke.median, "<= 16 ms");
  figure("wasm: the longest of 50", keystroke.longest);
  figure(
    "wasm: of these, the view",
    repeated(() => JSON.parse(loan.workbench.view()), 50),
  );
}

const large = open(
  join(process.argv[2], "formulas.xlsx"),
  "formulas.xlsx",
  app([
    field("threshold", "Inputs", "B2", "write"),
    field("factor", "Inputs", "B3", "write"),
    field("quantity", "Data", "D2", "write"),
    field("sum", "Summary", "B2", "read"),
  ]),
);
figure("wasm: read, load and calculate 100,000 formulas", large.opened);
for (const [id, what] of [
  ["threshold", "a threshold that 19,000 formulas read"],
  ["quantity", "one quantity, which 1,000 SUMIFS reach"],
  ["factor", "a factor that everything depends on"],
]) {
  figure(`wasm: ${what}`, change(large.workbench, id, 5).median, "<= 250 ms");
}
