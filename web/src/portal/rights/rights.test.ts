import { describe, expect, it } from "vitest";
import type { AppDefinition } from "$lib/api/types";
import { columnRight, exceptions, seeAsPath, tidy, withColumn, type Grant } from "./rights";

const definition = {
  tables: [
    { id: "orders", columns: [{ id: "no" }, { id: "pay" }] },
    { id: "sites", columns: [] },
  ],
  actions: [{ id: "close" }],
} as unknown as AppDefinition;

describe("grants", () => {
  it("say no more than was chosen", () => {
    const cases: [Grant, Grant][] = [
      [{ level: "edit" }, { level: "edit" }],
      [{ level: "view", tables: { orders: {}, gone: { level: "none" } } }, { level: "view" }],
      [
        { level: "view", tables: { orders: { rows: { rows: "all" }, hidden: [], readOnly: ["x"] } } },
        { level: "view" },
      ],
      [
        {
          level: "none",
          tables: { orders: { level: "view", hidden: ["pay", "x"] } },
          actions: { close: true, y: true },
        },
        { level: "none", tables: { orders: { level: "view", hidden: ["pay"] } }, actions: { close: true } },
      ],
    ];
    for (const [grant, left] of cases) expect(tidy(grant, definition)).toEqual(left);
    expect(exceptions({ level: "edit", tables: { orders: { level: "none" } } })).toBe(1);
  });

  it("a column is one of three things", () => {
    const hidden = withColumn({ readOnly: ["pay"] }, "pay", "hidden");
    expect([hidden.hidden, hidden.readOnly, columnRight(hidden, "pay")]).toEqual([["pay"], [], "hidden"]);
    expect(columnRight(withColumn(hidden, "pay", "readOnly"), "pay")).toBe("readOnly");
    expect(columnRight(withColumn(hidden, "pay", "all"), "pay")).toBe("all");
  });

  it("a view of somebody's has an address", () => {
    expect(seeAsPath("1", "a+b@x.org")).toBe("/app/1?as=a%2Bb%40x.org");
    expect(seeAsPath("1", "")).toBe("/app/1?as=");
  });
});
