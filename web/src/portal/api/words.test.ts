import { expect, test } from "vitest";
import { language } from "$lib/i18n/language.svelte";
import type { Property } from "./metadata";
import { factWords } from "./words";

const plain: Property = {
  name: "Receipt",
  title: "",
  type: "Edm.String",
  collection: false,
  nullable: true,
  choices: [],
  key: false,
  computed: false,
  immutable: false,
  optional: false,
};

test.each([
  ["Edm.String", 80, "at most 80 characters"],
  ["Edm.Stream", 64 * 2 ** 20, "at most 64 MB"],
])("the most of %s is counted in its own unit", (type, maxLength, expected) => {
  language.table = { api_fact_length: "at most {count} characters", api_fact_maximum: "at most {value}" };
  expect(factWords({ ...plain, type, maxLength }, false)).toEqual([expected]);
});
