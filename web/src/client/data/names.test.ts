import { expect, test } from "vitest";
import type { AppDefinition, ColumnDefinition, RowArray, RowsRequest } from "$lib/api/types";
import { Names } from "./names.svelte";
import type { Source } from "./source";

const column = (id: string, refers?: ColumnDefinition["refers"]): ColumnDefinition => ({
  id,
  title: id,
  offset: 0,
  type: { name: "text" },
  kind: "text",
  ...(refers ? { refers } : {}),
});
const source = { from: "table" as const, name: "T" };
const people = { id: "people", title: "People", source, key: "no", columns: [column("no"), column("name")] };
const orders = {
  id: "orders",
  title: "Orders",
  source,
  columns: [column("what"), column("who", { table: "people", column: "no" })],
};
const definition = { screens: [], tables: [people, orders] } as unknown as AppDefinition;
const page = (from: number): RowArray[] =>
  Array.from({ length: 100 }, (_, index) => [`${from + index}`, 1, "x", index % 3 ? `p${index % 7}` : null]);

function world() {
  const asked: RowsRequest[] = [];
  let fails = false;
  const named = new Map(Array.from({ length: 6 }, (_, index) => [`p${index}`, `Person ${index}`]));
  const rows: Source["rows"] = async (_, request) => {
    asked.push(request);
    if (fails) throw new Error("away");
    const keys = request.filters?.[0]?.value as string[];
    const found = keys.filter((key) => named.has(key)).map((key): RowArray => [key, 1, key, named.get(key)!]);
    return { columns: ["no", "name"], rows: found, total: null };
  };
  const names = new Names({ rows } as Source, definition, orders, "member");
  return { asked, named, names, fail: (on: boolean) => (fails = on) };
}
const settled = () => new Promise((done) => setTimeout(done));
const who = orders.columns[1]!;

test("a page asks once, and for nothing that is known", async () => {
  const { asked, names } = world();
  names.learn(page(0), orders.columns);
  expect(names.of(who, "p1")).toBeUndefined();
  await settled();
  expect(asked.map(({ filters }) => filters)).toEqual([
    [{ column: "no", operator: "eq", value: ["p1", "p2", "p4", "p5", "p0", "p3", "p6"] }],
  ]);
  expect([names.of(who, "p1"), names.of(who, "p6"), names.of(who, null)]).toEqual([
    "Person 1",
    undefined,
    undefined,
  ]);
  names.learn(page(100), orders.columns);
  expect(asked).toHaveLength(1);
});

test("old names stay until new ones have come, and a failure is tried again", async () => {
  const { asked, named, names, fail } = world();
  names.learn(page(0), orders.columns);
  await settled();
  named.set("p1", "Renamed");
  named.delete("p2");
  names.forget();
  fail(true);
  names.learn(page(0), orders.columns);
  await settled();
  expect([names.of(who, "p1"), names.of(who, "p2")]).toEqual(["Person 1", "Person 2"]);
  fail(false);
  names.learn(page(0), orders.columns);
  await settled();
  expect([names.of(who, "p1"), names.of(who, "p2")]).toEqual(["Renamed", undefined]);
  expect(asked).toHaveLength(3);
});
