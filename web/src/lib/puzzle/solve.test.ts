import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { payload, solve } from "./solve";

function puzzle(salt: string, number: number, maxnumber: number) {
  const challenge = createHash("sha256").update(`${salt}${number}`).digest("hex");
  return { algorithm: "SHA-256", challenge, maxnumber, salt, signature: "00" };
}

test("a puzzle is solved, whichever number it hides", () => {
  const salt = "0123?expires=1&for=sign-in&";
  for (const number of [0, 9, 10, 999, 1000]) expect(solve(puzzle(salt, number, 1000))).toBe(number);
  expect(solve(puzzle(salt, 1001, 1000))).toBe(undefined);
});

test("the solution is base64 of what the server signed, and the number", () => {
  const one = puzzle("s", 7, 10);
  const { maxnumber: _, ...signed } = one;
  expect(JSON.parse(atob(payload(one, 7)))).toEqual({ ...signed, number: 7 });
});
