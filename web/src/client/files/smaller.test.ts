import { expect, test } from "vitest";
import { fitted, renamed, small, smaller } from "./smaller";

test.each([
  [4000, 3000, [2048, 1536]],
  [3000, 4000, [1536, 2048]],
  [2048, 10, [2048, 10]],
  [100_000, 3, [2048, 1]],
  [0, 0, [1, 1]],
])("%d × %d", (width, height, expected) => expect(fitted(width, height)).toEqual(expected));

test.each([
  ["IMG_1.HEIC", "image/jpeg", "IMG_1.jpg"],
  ["a.b.webp", "image/jpeg", "a.b.jpg"],
  ["photo.JPG", "image/jpeg", "photo.JPG"],
  ["plan.png", "image/png", "plan.png"],
  ["photo", "image/jpeg", "photo.jpg"],
])("%s as %s", (name, type, expected) => expect(renamed(name, type)).toBe(expected));

test("what is small, no picture, or cannot be read goes as it is", async () => {
  const file = (bytes: number, type: string) => new File([new Uint8Array(bytes)], "f", { type });
  for (const one of [file(10, "image/jpeg"), file(600_000, "image/gif"), file(600_000, "image/jpeg")])
    expect(await smaller(one)).toBe(one);
  for (const one of [file(10, "image/jpeg"), file(10, "image/svg+xml"), file(10, "text/plain")])
    expect(await small(one)).toBeUndefined();
});
