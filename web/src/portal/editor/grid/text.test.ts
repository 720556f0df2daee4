import { expect, test } from "vitest";
import { fitted } from "./text";

test("long decimals are rounded to their column", () => {
  const check = (text: string, characters: number, expected: string) =>
    expect(fitted(text, characters)).toBe(expected);
  check("1298.9745123", 8, "1298.975");
  check("1298,9745123", 8, "1298,975");
  check("-0.3333333333", 6, "-0.333");
  check("0.9999999", 4, "1");
  check("12345678.9", 8, "12345679");
  check("1298.97", 8, "1298.97");
  check("1,298.9745123", 8, "1,298.9745123");
  check("a long text", 4, "a long text");
});
