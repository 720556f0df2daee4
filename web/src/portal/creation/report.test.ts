import { expect, test } from "vitest";
import type { FindingKind, ImportReport } from "$lib/api/types";
import { grouped, lights } from "./report";

const report = (...kinds: FindingKind[]): ImportReport => ({
  formulas: 12,
  supported: 10,
  findings: kinds.map((kind, index) => ({ kind, place: `Sheet1!A${index}`, detail: "" })),
  omitted: 0,
});

test("lights count formulas that work and findings that matter", () => {
  expect(lights(report())).toEqual({ green: 10, yellow: 0, red: 0 });
  expect(lights(report("volatile", "macroIgnored", "unsupportedFunction", "externalLink"))).toEqual({
    green: 10,
    yellow: 2,
    red: 1,
  });
});

test("findings stand together by kind, worst first", () => {
  const found = grouped(report("volatile", "macroIgnored", "unsupportedFunction", "volatile"));
  expect(found.map(({ kind, findings }) => [kind, findings.length])).toEqual([
    ["unsupportedFunction", 1],
    ["macroIgnored", 1],
    ["volatile", 2],
  ]);
});
