import { expect, test } from "vitest";
import type { AppDefinition } from "$lib/api/types";
import { filledIn, rangeText } from "./cells";

test("what the analysis found and what the app lets people enter is filled in", () => {
  const field = (id: string, mode: "read" | "write", cell: string) => ({
    id,
    label: id,
    mode,
    kind: "number",
    binding: { kind: "cell", sheet: "Own", cell },
  });
  const definition = {
    tables: [],
    screens: [
      {
        components: [
          {
            type: "fields",
            id: "f",
            title: "",
            fields: [field("a", "write", "B2"), field("b", "read", "B3")],
          },
        ],
      },
    ],
  } as unknown as AppDefinition;
  const outline = { sheets: [], names: [], tables: [] };
  const found = filledIn(definition, outline, ["'My sheet'!C4", "nowhere"]);
  expect(found.map((area) => `${area.sheet}!${rangeText(area)}`)).toEqual(["My sheet!C4", "Own!B2"]);
});
