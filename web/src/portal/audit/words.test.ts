import { describe, expect, it } from "vitest";
import { changesOf, differences, happened, isBad, named, wrong } from "./words";

const fault = (code: string, more: object = {}) => ({
  code,
  from: null,
  to: null,
  name: null,
  count: null,
  ...more,
});

describe("words of the log", () => {
  // Messages are their keys here.
  it.each([
    ["config.groups.added", "audit_happened"],
    ["checkpoint.denied", "audit_happened"],
    ["audit.read", "audit_happened"],
    ["config.nothing.added", "config.nothing.added"],
    ["something.else", "something.else"],
    ["plain", "plain"],
  ])("says %s", (kind, expected) => expect(happened(kind)).toBe(expected));

  it("knows what did not come through", () => {
    expect(["checkpoint.denied", "checkpoint.passed"].map(isBad)).toEqual([true, false]);
  });

  it.each([
    [fault("missing", { from: 2, to: 4 }), "audit_fault_missing"],
    [fault("edited", { from: 2, to: 2 }), "audit_fault_edited"],
    [fault("unheard", { to: 7 }), "audit_fault_signature"],
  ])("says what is wrong", (one, expected) => expect(wrong(one)).toBe(expected));

  it("shows what was and is", () => {
    expect(differences({ a: 1, b: "x" }, { b: "x", c: null, d: [1] })).toEqual([
      ["a", "1", "–"],
      ["d", "–", "[1]"],
    ]);
    expect(differences("no", undefined)).toEqual([]);
  });

  it("reads changes that are some", () => {
    const change = { table: "stock", row: "7", before: { qty: 1 }, after: { qty: 2 } };
    expect(changesOf(JSON.stringify([change, 3]))).toEqual([change]);
    for (const text of [null, "", "{", "{}", "[1]"]) expect(changesOf(text)).toEqual([]);
  });

  it("names people who stand beside a text, and nobody else", () => {
    const beside = { address_1: { value: "ann@example.com" }, address_2: { value: null } };
    const said = "&ADDRESS_1 for &ADDRESS_2, &ADDRESS_10 and &ADDRESS by &USER";
    expect(named(said, beside)).toBe("ann@example.com for &ADDRESS_2, &ADDRESS_10 and &ADDRESS by &USER");
    expect(named(null, beside)).toBeUndefined();
    expect(named(undefined, {})).toBeUndefined();
  });
});
