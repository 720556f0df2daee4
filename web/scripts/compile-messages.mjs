// Messages to code: one table a language and entry, so that a person downloads only their own language.
// Invariant: every language has the same keys with the same placeholders, or compiling fails with the list of gaps.

/** A message is text with `{placeholders}`, or an object of plural forms: `{"by": "count", "one": "…", "other": "…"}`. */

const PLACEHOLDER = /\{(\w+)\}/g;
const FORMS = ["zero", "one", "two", "few", "many", "other"];

/** The names of a message's placeholders; `count` selects among plural forms. */
export function placeholders(message) {
  const texts = typeof message === "string" ? [message] : FORMS.map((form) => message[form] ?? "");
  const names = new Set(texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1])));
  if (typeof message !== "string") names.add(message.by);
  return [...names].sort();
}

/** What differs between languages, in words; empty when nothing does. `tables` maps language to messages. */
export function gaps(tables) {
  const found = [];
  const languages = Object.keys(tables);
  const keys = new Set(languages.flatMap((language) => Object.keys(tables[language])));
  for (const key of keys) {
    const having = languages.filter((language) => key in tables[language]);
    for (const language of languages) {
      const message = tables[language][key];
      if (message === undefined) found.push(`${language}: "${key}" is missing`);
      else if (message === "") found.push(`${language}: "${key}" is empty`);
      else if (typeof message === "object" && !(message.by && message.other))
        found.push(`${language}: "${key}" needs "by" and "other"`);
    }
    const expected = placeholders(tables[having[0]][key]).join();
    for (const language of having)
      if (placeholders(tables[language][key]).join() !== expected)
        found.push(`${language}: "${key}" has other placeholders than ${having[0]}`);
  }
  return found;
}

/** The module of one language: texts stay text, plural forms become `[by, {form: text}]`. */
export function table(messages) {
  const lines = Object.entries(messages).map(([key, message]) => {
    if (typeof message === "string") return `${JSON.stringify(key)}:${JSON.stringify(message)}`;
    const { by, ...forms } = message;
    return `${JSON.stringify(key)}:${JSON.stringify([by, forms])}`;
  });
  return `export default /** @type {import("../../lib/i18n/translate").Table} */ ({\n${lines.join(",\n")}\n});\n`;
}

/** The type of a set of messages: one function a key, with its placeholders as parameters. */
export function types(name, messages) {
  const lines = Object.entries(messages).map(([key, message]) => {
    const names = placeholders(message);
    const by = typeof message === "string" ? undefined : message.by;
    const fields = names.map((field) => `${field}: ${field === by ? "number" : "string | number"}`);
    return `  ${JSON.stringify(key)}(${names.length ? `values: { ${fields.join("; ")} }` : ""}): string;`;
  });
  return `export interface ${name} {\n${lines.join("\n")}\n}\n`;
}

/** What the type of the messages `name` is called. */
export const typeName = (name) => `${name[0].toUpperCase()}${name.slice(1)}Messages`;

/** Keys that no source text mentions as `m.key` or `"key"`. */
export function unused(keys, sources) {
  const text = sources.join("\n");
  return keys.filter((key) => !new RegExp(`(\\bm\\.${key}\\b|["'\`]${key}["'\`])`).test(text));
}
