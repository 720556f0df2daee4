import { expect, test } from "vitest";
import { toBytes, toText } from "./passkey";

test("bytes travel as base64url", () => {
  const check = (bytes: number[], text: string) => {
    expect(toText(new Uint8Array(bytes).buffer)).toBe(text);
    expect([...toBytes(text)]).toEqual(bytes);
  };
  check([], "");
  check([255], "_w");
  check([251, 239, 190, 62], "----Pg");
});
