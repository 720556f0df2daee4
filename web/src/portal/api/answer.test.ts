import { expect, test } from "vitest";
import { nextLink, pretty } from "./answer";

const shown = (json: string, limit?: number) =>
  pretty(json, limit)
    .pieces.map(({ text }) => text)
    .join("");

test("JSON is laid out without a change of its values", () => {
  const check = (json: string, expected: string) => expect(shown(json)).toBe(expected);
  check(
    '{"a":12.50,"b":[9007199254740993,{}],"c":"x:, {\\"}"}',
    '{\n  "a": 12.50,\n  "b": [\n    9007199254740993,\n    {}\n  ],\n  "c": "x:, {\\"}"\n}',
  );
  check("[]", "[]");
  check("12", "12");
  check("", "");
  // What is cut off or no JSON at all is shown as far as it goes.
  check('{"a":"unfinish', '{\n  "a": "unfinish');
  check("]]}", "\n]\n]\n}");
});

test("names are told apart", () => {
  expect(pretty('{"a":"b"}').pieces.filter(({ name }) => name)).toEqual([{ name: true, text: '"a"' }]);
});

test("what is shown is bounded", () => {
  const long = `[${"1,".repeat(100_000)}1]`;
  const { cut } = pretty(long, 500);
  expect(cut).toBe(true);
  expect(shown(long, 500).length).toBeLessThanOrEqual(560);
  expect(shown("[".repeat(10_000), 100_000).length).toBeLessThan(100_100);
});

test("the next page is where the answer says", () => {
  const answer = { status: 200, reason: "OK", took: 1, json: true, cut: false };
  const check = (text: string, expected: string | undefined) =>
    expect(nextLink({ ...answer, text })).toBe(expected);
  check('{"@nextLink":"x"}', "x");
  check('{"@odata.nextLink":"x"}', "x");
  check('{"@nextLink":1}', undefined);
  check("null", undefined);
  check("{", undefined);
});
