import { expect, test } from "vitest";
import { givenBy, makes, roles, rules } from "./roles";

test.each([
  [null, 0, false, false],
  ["guest", 0, false, false],
  ["member", 0, false, false],
  ["maker", 0, false, true],
  ["administrator", 4, true, true],
  ["owner", 5, true, true],
] as const)("%s", (role, gives, ruling, making) => {
  expect(givenBy(role)).toEqual(roles.slice(0, gives));
  expect([rules(role), makes(role)]).toEqual([ruling, making]);
});
