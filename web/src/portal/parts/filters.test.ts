import { expect, test } from "vitest";
import { query, read } from "./filters";

const usual = { search: "", role: "", sort: "name" };
const allowed = { role: ["guest", "member"], sort: ["name", "seen"] };

test.each([
  ["", usual],
  ["?search=a%26b&role=guest&sort=seen", { search: "a&b", role: "guest", sort: "seen" }],
  ["?role=king&sort=size&other=1", usual],
  ["?search=", usual],
])("%s", (said, filters) => {
  expect(read(said, usual, allowed)).toEqual(filters);
  expect(read(query(filters, usual), usual, allowed)).toEqual(filters);
});

test("what is as usual is not said", () => {
  expect(query(usual, usual)).toBe("");
  expect(query({ ...usual, role: "guest" }, usual)).toBe("?role=guest");
});
