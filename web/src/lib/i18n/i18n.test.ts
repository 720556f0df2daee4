import { expect, test } from "vitest";
import { pick, regional } from "./language.svelte";
import { translate, type Message } from "./translate";

const rows: Message = ["count", { one: "{count} row", other: "{count} rows" }];

test.each<[Message, Record<string, string | number> | undefined, string, string]>([
  ["Hello", undefined, "en", "Hello"],
  ["Hello {name}", { name: "Ada" }, "en", "Hello Ada"],
  [rows, { count: 1 }, "en", "1 row"],
  [rows, { count: 100000 }, "en", "100,000 rows"],
  [rows, { count: 100000 }, "de", "100.000 rows"],
  ["{missing}", { name: "Ada" }, "en", "{missing}"],
])("%j with %j in %s", (message, values, locale, expected) =>
  expect(translate(message, values, locale)).toBe(expected),
);

test.each([
  [null, ["fr-FR", "de-AT", "en"], "de"],
  ["en", ["de"], "en"],
  ["xx", ["de"], "de"],
  [null, ["fr"], "en"],
  [null, [], "en"],
])("language of %j and %j", (chosen, browser, expected) => expect(pick(chosen, browser)).toBe(expected));

test.each([
  ["de" as const, ["en-GB", "de-CH"], "de-CH"],
  ["de" as const, ["de"], "de"],
  ["en" as const, ["de-DE"], "en-US"],
])("region of %s in %j", (of, browser, expected) => expect(regional(of, browser)).toBe(expected));
