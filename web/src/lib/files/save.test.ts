import { expect, test } from "vitest";
import { nameOf } from "./save";

test.each([
  ["attachment; filename*=UTF-8''Lager%20M%C3%A4rz.csv", "Lager März.csv"],
  ["attachment; filename*=utf-8''a%22b.csv; size=3", 'a"b.csv'],
  ["attachment; filename*=UTF-8''%E0%A4%A.csv", ""],
  ["attachment", ""],
  [null, ""],
])("a file is called what %s says", (header, name) => {
  expect(nameOf(header)).toBe(name);
});
