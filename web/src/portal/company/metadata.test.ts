import { expect, test } from "vitest";
import { fingerprint, metadataText } from "./metadata";

test("fingerprints are shown as pairs of capitals", () => {
  expect(fingerprint("0a1bff")).toBe("0A:1B:FF");
  expect(fingerprint("")).toBe("");
});

test("what is far too large is not read", async () => {
  expect(await metadataText(new File(["<x/>"], "metadata.xml"))).toBe("<x/>");
  expect(await metadataText(new File([new Uint8Array(1024 * 1024 + 1)], "large.xml"))).toBeUndefined();
});
