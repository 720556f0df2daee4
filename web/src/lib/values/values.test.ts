import { describe, expect, test } from "vitest";
import type { FieldKind, Scalar } from "../api/types";
import { parseDate, parseDateTime, parseTime } from "./date";
import { readEntry } from "./entry";
import { digitsOf, entryText, formatValue } from "./format";
import { parseNumber, plain, shift } from "./number";

const today = new Date(2026, 10, 21);

describe("numbers", () => {
  test.each<[string, string | undefined, string | undefined]>([
    // typed, German, English
    ["1.234,5", "1234.5", "1234.5"],
    ["1,234.5", "1234.5", "1234.5"],
    ["1.234", "1234", "1.234"],
    ["1,234", "1.234", "1234"],
    ["1.5", "1.5", "1.5"],
    ["1,5", "1.5", "1.5"],
    ["0.123", "0.123", "0.123"],
    ["0,123", "0.123", "0.123"],
    ["2500,000", "2500.000", undefined],
    ["2500.000", undefined, "2500.000"],
    ["12.345.678", "12345678", "12345678"],
    ["12,345,678.90", "12345678.90", "12345678.90"],
    ["1234567,89", "1234567.89", "1234567.89"],
    [",5", "0.5", "0.5"],
    ["5,", "5", "5"],
    ["12 %", "0.12", "0.12"],
    ["12,5%", "0.125", "0.125"],
    ["-3", "-3", "-3"],
    ["−3", "-3", "-3"],
    ["+3", "3", "3"],
    ["1 234,50 €", "1234.50", "1234.50"],
    ["$1,234.50", "1234.50", "1234.50"],
    ["1’234.50", "1234.50", "1234.50"],
    ["1e3", "1000", "1000"],
    ["2,5E-3", "0.0025", "0.0025"],
    ["0.10", "0.10", "0.10"],
    ["99999999999999999.99", "99999999999999999.99", "99999999999999999.99"],
    ["", undefined, undefined],
    ["-", undefined, undefined],
    [".", undefined, undefined],
    ["abc", undefined, undefined],
    ["1.2.3", undefined, undefined],
    ["1,2,3", undefined, undefined],
    ["1.23,456.7", undefined, undefined],
    ["12a", undefined, undefined],
    ["=1+1", undefined, undefined],
  ])("%j", (text, de, en) => {
    expect(parseNumber(text, "de"), "de").toBe(de);
    expect(parseNumber(text, "en-US"), "en").toBe(en);
  });

  test("a unit may be typed along", () => {
    expect(parseNumber("12 km", "en", "km")).toBe("12");
    expect(parseNumber("EUR 12,50", "de", "EUR")).toBe("12.50");
    expect(parseNumber("12 mi", "en", "km")).toBeUndefined();
  });

  test.each([
    ["5", -2, "0.05"],
    ["0.05", 2, "5"],
    ["-12.345", 1, "-123.45"],
    ["1", 3, "1000"],
    ["0.0005", -2, "0.000005"],
    ["-0", 2, "0"],
  ])("shift %s by %i", (text, places, expected) => {
    const shifted = shift(text, places);
    expect(shifted.includes(".") ? shifted.replace(/\.?0+$/, "") : shifted).toBe(expected);
  });

  test.each([
    [0.1 + 0.2, "0.3"],
    [1e21, "1000000000000000000000"],
    [1e-7, "0.0000001"],
    [-1234.5, "-1234.5"],
    [0, "0"],
    [100, "100"],
  ])("plain %d", (value, expected) => expect(plain(value)).toBe(expected));
});

describe("dates and times", () => {
  test.each<[string, string | undefined, string | undefined]>([
    // typed, German, English (US)
    ["21.11.2026", "2026-11-21", "2026-11-21"],
    ["11/21/2026", "2026-11-21", "2026-11-21"],
    ["21/11/2026", "2026-11-21", "2026-11-21"],
    ["3/4/2026", "2026-04-03", "2026-03-04"],
    ["2026-11-21", "2026-11-21", "2026-11-21"],
    ["1.2.26", "2026-02-01", "2026-02-01"],
    ["1.2.85", "1985-02-01", "1985-02-01"],
    ["1.2.", "2026-02-01", "2026-02-01"],
    ["24.12", "2026-12-24", "2026-12-24"],
    ["29.2.2028", "2028-02-29", "2028-02-29"],
    ["29.2.2026", undefined, undefined],
    ["31.4.2026", undefined, undefined],
    ["2026-13-01", undefined, undefined],
    ["1.2.202", undefined, undefined],
    ["tomorrow", undefined, undefined],
    ["21", undefined, undefined],
  ])("%j", (text, de, en) => {
    expect(parseDate(text, "de", today), "de").toBe(de);
    expect(parseDate(text, "en-US", today), "en").toBe(en);
  });

  test("British slashes are day first", () => expect(parseDate("3/4/2026", "en-GB")).toBe("2026-04-03"));

  test.each([
    ["8:30", "08:30:00"],
    ["08:30:15", "08:30:15"],
    ["8.30 Uhr", "08:30:00"],
    ["8:30 pm", "20:30:00"],
    ["12:00 a.m.", "00:00:00"],
    ["12 PM", "12:00:00"],
    ["0830", "08:30:00"],
    ["8", "08:00:00"],
    ["24:00", undefined],
    ["13:00 pm", undefined],
    ["8:60", undefined],
  ])("time %j", (text, expected) => expect(parseTime(text)).toBe(expected));

  test.each([
    ["21.11.2026 8:30", "de", "2026-11-21T08:30:00"],
    ["21.11.2026, 08:30", "de", "2026-11-21T08:30:00"],
    ["11/21/2026, 8:30 PM", "en-US", "2026-11-21T20:30:00"],
    ["2026-11-21T08:30", "en-US", "2026-11-21T08:30:00"],
    ["21.11.2026", "de", "2026-11-21T00:00:00"],
    ["21.11.2026 25:00", "de", undefined],
  ])("date and time %j", (text, locale, expected) =>
    expect(parseDateTime(text, locale, today)).toBe(expected),
  );
});

describe("entries", () => {
  test.each<[string, FieldKind, unknown]>([
    ["5", "percent", { value: 0.05 }],
    ["5 %", "percent", { value: 0.05 }],
    ["0,5", "percent", { value: 0.005 }],
    ["3", "integer", { value: 3 }],
    ["3,0", "integer", { value: 3 }],
    ["3,5", "integer", { problem: "integer" }],
    ["x", "currency", { problem: "number" }],
    ["  ", "number", { value: null }],
    ["007", "text", { value: "007" }],
    ["32.1.2026", "date", { problem: "date" }],
  ])("%j as %s", (text, kind, expected) => expect(readEntry(text, { kind }, "de", today)).toEqual(expected));

  test("money stays exact", () =>
    expect(readEntry("1.234.567.890.123,45", { kind: "currency", exact: true }, "de")).toEqual({
      value: "1234567890123.45",
    }));

  test.each<[Scalar, FieldKind]>([
    [1234.5, "number"],
    ["1234.50", "currency"],
    [0.055, "percent"],
    ["0.0550", "percent"],
    [-0.07, "percent"],
    ["2026-11-21", "date"],
    ["08:30:00", "time"],
    ["08:30:15", "time"],
    ["2026-11-21T20:30:00", "dateTime"],
  ])("what is shown for %j as %s is read back", (value, kind) => {
    for (const locale of ["de", "en-US", "en-GB", "de-CH"]) {
      const shown = entryText(value, kind, locale);
      const exact = typeof value === "string" && kind !== "percent";
      const read = readEntry(shown, { kind, exact }, locale, today);
      expect(read, `${shown} in ${locale}`).toEqual({ value: kind === "percent" ? Number(value) : value });
    }
  });
});

test.each<[Scalar, FieldKind, string, string]>([
  [250000, "currency", "250,000", "250.000"],
  [489.5, "currency", "489.50", "489,50"],
  ["1234.5678", "currency", "1,234.5678", "1.234,5678"],
  [2026, "integer", "2026", "2026"],
  [12345, "integer", "12,345", "12.345"],
  [0.1 + 0.2, "number", "0.3", "0,3"],
])("%j as %s, grouped", (value, kind, en, de) => {
  expect(entryText(value, kind, "en-US", true)).toBe(en);
  expect(entryText(value, kind, "de", true)).toBe(de);
  expect(readEntry(de, { kind }, "de")).toEqual({ value: Number(plain(Number(value))) });
});

describe("formats", () => {
  const words = { yes: "Yes", no: "No" };
  test.each([
    ["0.00", { places: [2, 2], grouped: false }],
    ["#,##0.00 [$€-407]", { places: [2, 2], grouped: true }],
    ["0.0#%", { places: [1, 2], grouped: false }],
    ['#,##0" km"', { places: [0, 0], grouped: true }],
    ["yyyy-mm-dd", undefined],
    ["General", undefined],
    [undefined, undefined],
  ])("digits of %j", (format, expected) => expect(digitsOf(format)).toEqual(expected));

  test.each<[Scalar, FieldKind, string | undefined, string | undefined, string, string]>([
    [null, "number", undefined, undefined, "", ""],
    [1234.5, "number", undefined, undefined, "1,234.5", "1.234,5"],
    [1234.5, "number", "km", "0.00", "1234.50 km", "1234,50 km"],
    ["153.20", "number", undefined, undefined, "153.20", "153,20"],
    [2026, "integer", undefined, undefined, "2026", "2026"],
    ["1234567890123.45", "currency", undefined, undefined, "1,234,567,890,123.45", "1.234.567.890.123,45"],
    ["12.50", "currency", "EUR", undefined, "€12.50", "12,50 €"],
    [0.055, "percent", undefined, "0.0%", "5.5%", "5,5 %"],
    ["2026-11-21", "date", undefined, undefined, "Nov 21, 2026", "21.11.2026"],
    ["08:30:00", "time", undefined, undefined, "8:30 AM", "08:30"],
    [true, "boolean", undefined, undefined, "Yes", "Yes"],
    ["007", "text", undefined, undefined, "007", "007"],
    ["n/a", "number", undefined, undefined, "n/a", "n/a"],
  ])("%j as %s %s %s", (value, kind, unit, format, en, de) => {
    const tidy = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
    expect(tidy(formatValue(value, { kind, unit, format }, "en-US", words))).toBe(en);
    expect(tidy(formatValue(value, { kind, unit, format }, "de", words))).toBe(de);
  });

  test.each<[Scalar, FieldKind, string | undefined, string, string]>([
    [12345, "integer", undefined, "Stock", "12.345"],
    [12345, "integer", undefined, "Item no", "12345"],
    [2026, "integer", undefined, "Year", "2026"],
    [2026, "number", undefined, "Year", "2026"],
    ["12345.50", "number", undefined, "Total", "12.345,50"],
    [12345, "integer", "0", "Stock", "12345"],
  ])("%j as %s %s of a column “%s”", (value, kind, format, title, expected) =>
    expect(formatValue(value, { kind, format, title }, "de", words)).toBe(expected),
  );
});
