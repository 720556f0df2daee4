// Which modules an entry comes to before the messages they show are loaded.
// Invariant: what is loaded later is followed as the browser does: a static import comes with its module, `import()` comes
// after it, and only `later(() => import("…"), "NAME")` brings the messages NAME along.

const STATIC = /(?:^|[\s;])(?:import|export)\s+(?!type\b)(?:[\w$*{}\s,]+?\sfrom\s*)?"([^"]+)"/g;
const DYNAMIC = /(?:later\(\s*\(\)\s*=>\s*)?\bimport\("([^"]+)"\)((?:\s*,\s*"\w+")*)/g;

/** The ways from `entry` to modules that show the messages `name` (they name the type `type`) without loading them. */
export function reachedWithout(sources, entry, name, type) {
  const shows = new RegExp(`\\b${type}\\b`);
  const before = new Map([[entry, undefined]]);
  const found = [];
  for (const [module] of before) {
    const text = sources.get(module);
    if (shows.test(text)) found.push(wayTo(module, before));
    for (const to of importedWithout(text, name)) {
      const target = resolved(to, module, sources);
      if (target && !before.has(target)) before.set(target, module);
    }
  }
  return found;
}

function importedWithout(text, name) {
  const later = [...text.matchAll(DYNAMIC)].filter(
    ([whole, , names]) => !(whole.startsWith("later(") && names.includes(`"${name}"`)),
  );
  return [...text.matchAll(STATIC), ...later].map(([, to]) => to);
}

/** The module that `to` names in `from`; nothing for packages, styles and what is generated. */
function resolved(to, from, sources) {
  if (!/^(\.|\$lib\/)/.test(to)) return undefined;
  const folder = to.startsWith("$lib/") ? ["lib"] : from.split("/").slice(0, -1);
  for (const step of to.replace(/^\$lib\//, "").split("/"))
    if (step === "..") folder.pop();
    else if (step !== ".") folder.push(step);
  const path = folder.join("/");
  return [path, `${path}.ts`, `${path}/index.ts`].find((each) => sources.has(each));
}

function wayTo(module, before) {
  const way = [];
  for (let at = module; at !== undefined; at = before.get(at)) way.unshift(at);
  return way;
}
