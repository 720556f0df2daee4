// Compiles messages/{shared,client,portal} into src/generated/messages and fails on gaps.
// Invariant: an entry's table holds the shared messages and its own, nothing of the other entry; what stands in `later/NAME`
// is left out of the client's, comes with the parts that show it, and can be shown nowhere else (scripts/reach.mjs).
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gaps, table, typeName, types, unused } from "./compile-messages.mjs";
import { reachedWithout } from "./reach.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const languages = ["en", "de"];
const out = join(root, "src/generated/messages");

/** The tables: `name`, the folder of messages, whose they are (`of`), and whether they come `later`. */
const tables = ["shared", "client", "portal"].flatMap((of) => {
  const folder = `messages/${of}`;
  const later = join(root, folder, "later");
  const parts = existsSync(later) ? readdirSync(later).sort() : [];
  return [
    { name: of, of, folder, later: false },
    ...parts.map((name) => ({ name, of, folder: `${folder}/later/${name}`, later: true })),
  ];
});
for (const each of tables)
  each.messages = Object.fromEntries(
    languages.map((language) => [
      language,
      JSON.parse(readFileSync(join(root, each.folder, `${language}.json`), "utf8")),
    ]),
  );

const sources = new Map(
  readdirSync(join(root, "src"), { recursive: true })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.startsWith("generated"))
    .map((name) => [name, readFileSync(join(root, "src", name), "utf8")]),
);
const text = (...folders) =>
  [...sources]
    .filter(([name]) => folders.some((folder) => name.startsWith(`${folder}/`)))
    .map(([, is]) => is);
const where = {
  shared: text("client", "portal", "lib"),
  client: text("client"),
  portal: text("portal"),
};

const problems = tables.flatMap(({ folder, messages }) => gaps(messages).map((gap) => `${folder}: ${gap}`));
for (const entry of ["client", "portal"]) {
  const first = new Map();
  for (const { of, folder, messages } of tables)
    if (of === "shared" || of === entry)
      for (const key of Object.keys(messages.en)) {
        if (first.has(key)) problems.push(`${folder}: "${key}" is in ${first.get(key)} too`);
        first.set(key, folder);
      }
}
for (const { of, folder, messages } of tables)
  for (const key of unused(Object.keys(messages.en), where[of]))
    problems.push(`${folder}: "${key}" is used nowhere`);
for (const { name, later } of tables)
  if (later)
    for (const path of reachedWithout(sources, "client/main.ts", name, typeName(name)))
      problems.push(`the messages "${name}" are shown where they are not loaded: ${path.join(" > ")}`);

if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const write = (name, chosen) => {
  for (const language of languages)
    writeFileSync(
      join(out, `${name}.${language}.js`),
      table(Object.assign({}, ...tables.filter(chosen).map(({ messages }) => messages[language]))),
    );
};
write("client", ({ of, later }) => of !== "portal" && !later);
// The portal's first load has room for all that is shared.
write("portal", ({ of }) => of !== "client");
const later = tables.filter((each) => each.later);
for (const each of later) write(each.name, (other) => other === each);
const load = (name, language) => `${language}: () => import("./${name}.${language}.js")`;
writeFileSync(
  join(out, "later.ts"),
  `export const later = {\n${later
    .map(({ name }) => `  ${name}: { ${languages.map((language) => load(name, language)).join(", ")} },`)
    .join("\n")}\n};\n`,
);
writeFileSync(
  join(out, "types.ts"),
  tables.map(({ name, messages }) => types(typeName(name), messages.en)).join("\n"),
);
