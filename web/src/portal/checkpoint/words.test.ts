import { describe, expect, it } from "vitest";
import type { Gates, GateProvers } from "$lib/api/types";
import { unmeetable } from "./words";

const all = (id: string, provers: GateProvers | null): Gates => ({
  gates: [
    {
      gate: {
        id,
        description: "",
        message: "Sure?",
        active: true,
        methods: ["pin", "passkey"],
        comment: "optional",
        retypeUsername: false,
        ttlSeconds: 300,
        offline: "defer",
      },
      parameters: [],
      apps: [],
      provers,
    },
  ],
  builtIn: [],
  workspace: "acme",
});
const lacking = (lacks: GateProvers["lacks"]): GateProvers => ({
  able: [],
  count: 0,
  administrators: 1,
  lacks,
});

describe("a gate of gates that nobody can meet", () => {
  // Messages are their keys here.
  it.each([
    ["CHECKPOINT_CONFIG", lacking("way"), "gates_unmeetable_way gates_unmeetable_out"],
    ["CHECKPOINT_CONFIG", lacking("second"), "gates_unmeetable_second gates_unmeetable_out"],
    ["CHECKPOINT_CONFIG", lacking(null), undefined],
    ["CHECKPOINT_CONFIG", null, undefined],
    // Another can be changed by that one.
    ["ERASURE", lacking("way"), undefined],
  ])("%s %o", (id, provers, expected) => {
    expect(unmeetable(all(id, provers), "en")).toBe(expected);
  });
});
