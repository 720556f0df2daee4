import { expect, test, vi } from "vitest";
import { takeToken } from "./token";

test("a token is taken once and leaves no trace", () => {
  const check = (hash: string, expected: string) => {
    const place = { hash, pathname: "/confirm" };
    vi.stubGlobal("location", place);
    vi.stubGlobal("history", {
      replaceState: (_: unknown, __: string, to: string) => (place.hash = to.slice(8)),
    });
    expect(takeToken(), hash).toBe(expected);
    expect(place.hash).toBe("");
    vi.unstubAllGlobals();
  };
  const token = "0123456789abcdef".repeat(4);
  check(`#${token}`, token);
  check(`#${token}0`, "");
  check(`#${token.toUpperCase()}`, "");
  check("#main", "");
  check("", "");
});
