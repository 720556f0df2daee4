import { expect, test } from "vitest";
import type { ColumnDefinition } from "$lib/api/types";
import { show } from "./values";

process.env["TZ"] = "Europe/Berlin";

test("a moment that the server filled in is told by the reader's clock, an entered one as it was entered", () => {
  const column: ColumnDefinition = {
    id: "at",
    title: "At",
    offset: 0,
    type: { name: "dateTime" },
    kind: "dateTime",
  };
  const filled: ColumnDefinition = { ...column, filled: "changed" };
  const check = (own: ColumnDefinition, value: string | null, expected: RegExp) =>
    expect(show(own, value)).toMatch(expected);
  check(column, "2026-11-22T09:19:00", /9:19/);
  check(filled, "2026-11-22T09:19:00", /10:19/);
  check(filled, "2026-07-01T23:30:00", /Jul 2, 2026.*1:30/);
  check(filled, null, /^$/);
  check(filled, "soon", /^soon$/);
});
