import { seeAs } from "$lib/api/http";
import { expect, test } from "vitest";
import { fileHref, fileOf, fileText, isPicture, sizeText, smallHref } from "./file";

const photo = { object: "stream/a/1", type: "image/png", size: 18, name: "b.png" };

test("a value is a file or none", () => {
  expect(fileOf(fileText(photo))).toEqual({ ...photo, digest: "" });
  for (const value of [null, "", "photo.png", '{"object":', 7, undefined])
    expect(fileOf(value)).toBeUndefined();
});

test("pictures are shown, what may run is not", () => {
  expect(isPicture(photo)).toBe(true);
  expect(isPicture({ ...photo, type: "image/svg+xml" })).toBe(false);
});

test("another content has another address", () => {
  expect(fileHref("a", "t", "r", "c", photo)).toBe("/api/apps/a/tables/t/rows/r/files/c?stream%2Fa%2F1");
});

test("a list asks for the small picture where there is one", () => {
  const small = { ...photo, small: "stream/b/1" };
  expect(smallHref("a", "t", "r", "c", photo)).toBe(fileHref("a", "t", "r", "c", photo));
  expect(smallHref("a", "t", "r", "c", small)).toBe(
    "/api/apps/a/tables/t/rows/r/files/c?small=stream%2Fb%2F1",
  );
});

test("who looks as somebody else sees their pictures", () => {
  seeAs("a+b@x.org");
  expect(fileHref("a", "t", "r", "c", photo)).toBe(
    "/api/apps/a/tables/t/rows/r/files/c?stream%2Fa%2F1&as=a%2Bb%40x.org",
  );
  expect(smallHref("a", "t", "r", "c", { ...photo, small: "stream/b/1" })).toBe(
    "/api/apps/a/tables/t/rows/r/files/c?small=stream%2Fb%2F1&as=a%2Bb%40x.org",
  );
});

test("sizes read well", () => {
  const check = (bytes: number, locale: string, expected: string) =>
    expect(sizeText(bytes, locale).replace(/\s/g, " ")).toBe(expected);
  check(0, "en", "0 kB");
  check(18, "en", "0.1 kB");
  check(340_000, "en", "340 kB");
  check(2_450_000, "de", "2,5 MB");
  check(64 * 1024 * 1024, "en", "67 MB");
});
