import { expect, test } from "vitest";
import type { Component, Field, FieldKind, Screen } from "$lib/api/types";
import { groups, leadOf, needsEngine, sides } from "./layout";

const field = (label: string, kind: FieldKind = "number", mode: "read" | "write" = "read"): Field => ({
  id: label,
  label,
  kind,
  mode,
  binding: { kind: "name", name: label },
});
const fields = (id: string, ...list: Field[]): Component => ({ type: "fields", id, title: "", fields: list });
const card = (id: string): Component => ({ type: "card", id, field: field(id) });
const text = (id: string): Component => ({ type: "text", id, text: id });
const screen = (...components: Component[]): Screen => ({
  id: "s",
  title: "S",
  icon: "list",
  kind: "calculator",
  components,
});

test.each([
  [["Net", "VAT 19 %", "Total"], "Total"],
  [["Netto", "USt", "Gesamtbetrag"], "Gesamtbetrag"],
  [["Monthly payment", "Total interest"], "Monthly payment"],
  [["Zwischensumme", "Summe:"], "Summe:"],
  [[], undefined],
])("lead of %j", (labels, expected) =>
  expect(leadOf(labels.map((label) => field(label)))?.label).toBe(expected),
);

test("cards that follow one another share a row", () =>
  expect(
    groups([card("a"), card("b"), text("t"), card("c")]).map((group) => group.components.length),
  ).toEqual([2, 1, 1]));

test("sides of a calculator", () => {
  const input = fields("in", field("x", "number", "write"));
  const output = fields("out", field("y"));
  const found = sides(screen(text("intro"), output, input, text("note")), "guest");
  expect(found.entered.map(({ id }) => id)).toEqual(["intro", "in"]);
  expect(found.results.map(({ id }) => id)).toEqual(["out", "note"]);
  expect(sides(screen(text("intro"), input, output), "guest").entered.map(({ id }) => id)).toEqual([
    "intro",
    "in",
  ]);
});

test("only what is calculated needs the engine", () => {
  expect(needsEngine(screen(text("t")))).toBe(false);
  expect(needsEngine(screen(card("c")))).toBe(true);
});
