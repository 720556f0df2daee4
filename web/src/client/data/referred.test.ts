import { expect, test } from "vitest";
import type { AppDefinition, ColumnDefinition, RowArray, RowsRequest } from "$lib/api/types";
import { exactly, findReferred, nameOf, referredBy, search, type Referred } from "./referred";
import type { Source } from "./source";

const column = (id: string, type: "text" | "integer" = "text"): ColumnDefinition => ({
  id,
  title: id,
  offset: 0,
  type: { name: type },
  kind: type === "integer" ? "integer" : "text",
});
const people = {
  id: "people",
  title: "People",
  source: { from: "table" as const, name: "P" },
  columns: [column("no", "integer"), column("name"), column("city")],
  key: "no",
};
const definition = { screens: [], tables: [people] } as unknown as AppDefinition;
const refers: ColumnDefinition = { ...column("who", "integer"), refers: { table: "people", column: "no" } };
const referred = referredBy(definition, refers, "member") as Referred;
const rows: RowArray[] = [
  ["a", 1, 7, "Ann Bell", "Rome"],
  ["b", 1, 8, "Bo Cray", "Oslo"],
  ["c", 1, 9, "Bo Cray", "Rome"],
];

test("who may see the rows is offered them", () => {
  expect(referred.key.id).toBe("no");
  expect(referred.title.id).toBe("name");
  expect(referredBy(definition, column("who"), "member")).toBeUndefined();
  expect(
    referredBy(definition, { ...refers, refers: { table: "gone", column: "no" } }, "maker"),
  ).toBeUndefined();
  const hidden = { see: [], insert: [], update: [], delete: [] };
  const secret = {
    ...definition,
    tables: [{ ...people, access: hidden }],
  } as AppDefinition;
  expect(referredBy(secret, refers, "member")).toBeUndefined();
  expect(referredBy(secret, refers, "maker")).toBeDefined();
});

test.each([
  ["7", "a"],
  ["ann bell", "a"],
  ["Bo Cray", undefined],
  ["Ann", undefined],
  ["", undefined],
])("%j is %j", (typed, id) => expect(exactly(referred, rows, typed)?.[0]).toBe(id));

test("a number is looked for as a key, a text as a name", async () => {
  const asked: RowsRequest[] = [];
  const source = {
    rows: (_: string, request: RowsRequest) => {
      asked.push(request);
      return Promise.resolve({ columns: [], rows: request.filters ? [rows[0]!] : [], total: null });
    },
  } as unknown as Source;
  expect(await search(source, referred, " 7 ")).toEqual([rows[0]]);
  expect(asked.map(({ search: text, filters }) => text ?? filters?.[0]?.value)).toEqual(["7", 7]);
  expect(await findReferred(source, referred, "seven")).toBeUndefined();
  expect(asked).toHaveLength(2);
  expect(nameOf(referred, rows[1]!)).toBe("Bo Cray");
});
