import { expect, test } from "vitest";
import { restore, store } from "./saved";

function memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  } as unknown as Storage;
}

test("what is stored comes back, and can be forgotten", () => {
  const storage = memory();
  store(storage, { token: "t", fileName: "a.xlsx", refused: ["p1"] });
  expect(restore(storage)).toEqual({ token: "t", fileName: "a.xlsx", refused: ["p1"] });
  store(storage, undefined);
  expect(restore(storage)).toBeUndefined();
});

test("what cannot be read is nothing", () => {
  const storage = memory();
  for (const text of ["", "{", "1", '"x"', "{}", '{"token":1,"fileName":"a"}']) {
    storage.setItem("gridkeep.creation", text);
    expect(restore(storage), text).toBeUndefined();
  }
  expect(restore(undefined)).toBeUndefined();
});

test("a full storage is no failure", () => {
  const full = {
    setItem: () => {
      throw new Error("full");
    },
  } as unknown as Storage;
  expect(() => store(full, { token: "t", fileName: "a" })).not.toThrow();
});
