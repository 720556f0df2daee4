// Compiles messages/{shared,client,portal}/{en,de}.json into src/generated/messages and fails on gaps.
// Invariant: an entry's table holds the shared messages and its own, nothing of the other entry.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gaps, table, types, unused } from "./compile-messages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const languages = ["en", "de"];
const parts = ["shared", "client", "portal"];
const out = join(root, "src/generated/messages");

const read = (part, language) =>
  JSON.parse(readFileSync(join(root, "messages", part, `${language}.json`), "utf8"));
const messages = Object.fromEntries(
  parts.map((part) => [
    part,
    Object.fromEntries(languages.map((language) => [language, read(part, language)])),
  ]),
);

const problems = parts.flatMap((part) => gaps(messages[part]).map((gap) => `messages/${part}: ${gap}`));
for (const part of ["client", "portal"])
  for (const key of Object.keys(messages[part].en))
    if (key in messages.shared.en) problems.push(`messages/${part}: "${key}" is in messages/shared too`);

const sources = (folder) =>
  readdirSync(join(root, "src", folder), { recursive: true })
    .filter((name) => /\.(svelte|ts)$/.test(name))
    .map((name) => readFileSync(join(root, "src", folder, name), "utf8"));
const text = { client: sources("client"), portal: sources("portal"), lib: sources("lib") };
const where = {
  shared: [...text.client, ...text.portal, ...text.lib],
  client: text.client,
  portal: text.portal,
};
for (const part of parts)
  for (const key of unused(Object.keys(messages[part].en), where[part]))
    problems.push(`messages/${part}: "${key}" is used nowhere`);

if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const part of ["client", "portal"])
  for (const language of languages)
    writeFileSync(
      join(out, `${part}.${language}.js`),
      table({ ...messages.shared[language], ...messages[part][language] }),
    );
const name = (part) => `${part[0].toUpperCase()}${part.slice(1)}Messages`;
writeFileSync(join(out, "types.ts"), parts.map((part) => types(name(part), messages[part].en)).join("\n"));
