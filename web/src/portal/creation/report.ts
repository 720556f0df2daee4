// The import report as traffic lights.
// Invariant: the same kinds have the same light as in crates/model/src/report.rs.
import type { Finding, FindingKind, ImportReport } from "$lib/api/types";

export type Light = "red" | "yellow" | "green";

const LIGHTS: Readonly<Record<FindingKind, Light>> = {
  unsupportedFunction: "red",
  unreadableFormula: "red",
  circularReference: "red",
  limitReached: "red",
  externalLink: "yellow",
  macroIgnored: "yellow",
  partIgnored: "yellow",
  volatile: "green",
};

/** The light of one kind of finding. */
export function lightOf(kind: FindingKind): Light {
  return LIGHTS[kind] ?? "yellow";
}

/** Counts for the three lights: formulas that work, things worth a look, things that show wrong results. */
export function lights(report: ImportReport): Record<Light, number> {
  const count = (light: Light) => report.findings.filter((finding) => lightOf(finding.kind) === light).length;
  return { green: report.supported, yellow: count("yellow"), red: count("red") };
}

/** Findings of one kind together, worst first, in the report's order within. */
export function grouped(report: ImportReport): { kind: FindingKind; light: Light; findings: Finding[] }[] {
  const order: Light[] = ["red", "yellow", "green"];
  const kinds = [...new Set(report.findings.map((finding) => finding.kind))];
  return kinds
    .map((kind) => ({
      kind,
      light: lightOf(kind),
      findings: report.findings.filter((finding) => finding.kind === kind),
    }))
    .sort((a, b) => order.indexOf(a.light) - order.indexOf(b.light));
}
