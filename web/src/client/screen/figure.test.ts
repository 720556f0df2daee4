import { expect, test } from "vitest";
import type { FieldKind, Scalar } from "$lib/api/types";
import { figureText, unitBehind } from "./figure";

test.each<[Scalar, string, FieldKind, string]>([
  ["2026-01-01", "46023", "date", "01.01.2026"],
  ["2026-01-01", "2026-01-01", "date", "2026-01-01"],
  ["08:30:00", "0,354166666666667", "time", "08:30"],
  [1298.974561234, "1298,974561234", "number", "1298,9746"],
  [0.0123456789, "0,0123456789", "number", "0,012346"],
  [12.5, "12,50", "number", "12,50"],
  [250000, "250.000,00 €", "currency", "250.000,00 €"],
  ["46023", "46023", "text", "46023"],
  [46023, "46023", "integer", "46023"],
])("%j formatted as %s of kind %s", (value, text, kind, expected) =>
  expect(figureText({ value, text, visible: true }, { kind, label: "Total" }, "de")).toBe(expected),
);

test.each<[number, string, string, string, string]>([
  [46023, "46023", "Total", "46,023", "46.023"],
  [1234.5, "1234.5", "Total", "1,234.5", "1.234,5"],
  [1298.974561234, "1298.974561", "Total", "1,298.9746", "1.298,9746"],
  [999, "999", "Total", "999", "999"],
  [2026, "2026", "Year", "2026", "2026"],
  [4711, "4711", "Customer ID", "4711", "4711"],
  [1e12, "1E+12", "Total", "1E+12", "1E+12"],
])("%j without a format, as %s of “%s”", (value, text, label, english, german) => {
  const view = { value, text, visible: true, general: true };
  expect(figureText(view, { kind: "number", label }, "en")).toBe(english);
  const own = { ...view, text: text.replace(".", ",") };
  expect(figureText(own, { kind: "number", label }, "de")).toBe(german);
});

test.each([
  ["1,298.97 €", "EUR", undefined],
  ["1,298.97 EUR", "EUR", undefined],
  ["12", "km", "km"],
  ["", "km", undefined],
  ["12", undefined, undefined],
])("unit behind %j of %s", (text, unit, expected) => expect(unitBehind(text, unit)).toBe(expected));
