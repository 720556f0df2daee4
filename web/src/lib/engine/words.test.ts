import { expect, test } from "vitest";
import { words } from "../api/http";
import { EngineError } from "./error";

// Without a table of messages each is told by its key.
test.each([
  ["notLoaded", undefined, "engine_not_loaded"],
  ["fileDamaged", "xl/workbook.xml", "engine_file (xl/workbook.xml)"],
  ["limitReached", "Data", "engine_limit (Data)"],
  ["unreadableFormula", "Data!B2", "engine_formula (Data!B2)"],
  ["crashed", undefined, "engine_stopped"],
  ["unexpected", undefined, "error_unexpected"],
  ["somethingNew", undefined, "error_unexpected"],
])("%s at %s", (code, place, expected) =>
  expect(words(new EngineError({ code, message: "in English", ...(place ? { place } : {}) }))).toBe(expected),
);
