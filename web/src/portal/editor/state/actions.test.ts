import { expect, test } from "vitest";
import type { AppDefinition, TableDefinition } from "$lib/api/types";
import {
  actionsOf,
  addAction,
  newParameter,
  newStep,
  prunedActions,
  removeAction,
  updateAction,
} from "./actions";

const table: TableDefinition = {
  id: "expenses",
  title: "Expenses",
  source: { from: "range", sheet: "S", range: "A1:C3" },
  key: "number",
  columns: [
    { id: "number", title: "Number", offset: 0, type: { name: "text" }, kind: "text" },
    { id: "status", title: "Status", offset: 1, type: { name: "text" }, kind: "text" },
    { id: "total", title: "Total", offset: 2, type: { name: "double" }, kind: "number", formula: "A2" },
  ],
};
const definition: AppDefinition = {
  schemaVersion: 1,
  name: "App",
  description: "",
  icon: "list",
  accent: "#000000",
  language: "en",
  screens: [],
  tables: [table],
};

test("actions are made, changed and removed", () => {
  const once = addAction(definition, table, "Approve");
  const twice = addAction(once, table, "Approve");
  expect(twice.actions?.map((one) => one.id)).toEqual(["approve", "approve_2"]);
  expect(once.actions?.[0]?.steps).toEqual([{ do: "set", values: { status: { value: null } } }]);
  expect(actionsOf(twice, "expenses").map((one) => one.index)).toEqual([0, 1]);
  const changed = updateAction(twice, "approve", { when: "TRUE", access: undefined });
  expect(changed.actions?.[0]).toMatchObject({ id: "approve", when: "TRUE" });
  expect(changed.actions?.[0]).not.toHaveProperty("access");
  expect(removeAction(removeAction(twice, "approve"), "approve_2")).not.toHaveProperty("actions");
});

test("parameters have names that formulas can use", () => {
  const action = addAction(definition, table, "Pay").actions![0]!;
  const check = (title: string, expected: string) => expect(newParameter(action, title).id).toBe(expected);
  check("Größe", "groesse");
  check("Tax 1", "tax_1");
  check("Q1", "q1_value");
  check("True", "true_value");
});

test("steps keep what fits when their kind changes", () => {
  const set = newStep("set", table);
  const update = newStep("update", table, set);
  expect(update).toMatchObject({ do: "update", table: "expenses", values: { status: { value: null } } });
  expect(newStep("delete", table, update)).toEqual({
    do: "delete",
    table: "expenses",
    where: [{ column: "number", comparison: "equals", value: { value: null } }],
  });
});

test("what has lost its table goes with it", () => {
  const acting = addAction(definition, table, "Approve");
  expect(prunedActions(acting)).toBe(acting);
  expect(prunedActions({ ...acting, tables: [] })).not.toHaveProperty("actions");
});
