import { expect, test } from "vitest";
import type { AppDefinition, FormComponent, ListComponent } from "$lib/api/types";
import { addFiles, withKind } from "./files";

const text = (id: string) => ({
  id,
  title: id,
  offset: 0,
  type: { name: "text" as const },
  kind: "text" as const,
});
const list: ListComponent = {
  type: "list",
  id: "l",
  table: "t",
  titleColumn: "a",
  columns: ["b"],
  filters: ["a"],
  search: ["a", "b"],
  sort: { column: "a" },
  detail: ["a"],
};
const form: FormComponent = { type: "form", id: "f", table: "t", columns: ["a"] };
const definition: AppDefinition = {
  schemaVersion: 1,
  name: "App",
  description: "",
  icon: "list",
  accent: "#1d4ed8",
  language: "en",
  screens: [{ id: "s", title: "S", icon: "list", kind: "list", components: [list, form] }],
  tables: [
    {
      id: "t",
      title: "T",
      source: { from: "range", sheet: "S", range: "A1:B2" },
      key: "a",
      columns: [{ ...text("a"), unit: "km", validation: { required: true, maxLength: 5 } }, text("b")],
    },
  ],
};

test("photos are added where rows are entered and shown", () => {
  const twice = addFiles(addFiles(definition, "t", "Photo"), "t", "Photo");
  const [table] = twice.tables;
  expect(table!.columns.slice(2).map(({ id, title, kind }) => [id, title, kind])).toEqual([
    ["photo", "Photo", "file"],
    ["photo_2", "Photo 2", "file"],
  ]);
  const [shown, entered] = twice.screens[0]!.components as [ListComponent, FormComponent];
  expect(shown.columns).toEqual(["b", "photo", "photo_2"]);
  expect(shown.detail).toEqual(["a", "photo", "photo_2"]);
  expect(entered.columns).toEqual(["a", "photo", "photo_2"]);
  expect(addFiles(definition, "x", "Photo")).toBe(definition);
});

test("a text that becomes a file names and orders nothing any more", () => {
  const changed = withKind(definition, "t", "a", "file");
  expect(changed.tables[0]!.columns[0]).toEqual({
    ...text("a"),
    kind: "file",
    validation: { required: true },
  });
  expect(changed.tables[0]!.key).toBeUndefined();
  const shown = changed.screens[0]!.components[0] as ListComponent;
  expect([shown.titleColumn, shown.filters, shown.search, shown.sort]).toEqual(["b", [], ["b"], undefined]);
  const back = withKind(changed, "t", "a", "longText");
  expect(back.tables[0]!.columns[0]!.kind).toBe("longText");
});
