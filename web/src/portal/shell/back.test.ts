import { expect, test } from "vitest";
import { pathBack, signInTo, wayBack } from "./back";

test("whoever signs in comes back to the page that asked", () => {
  const back = (pathname: string, search = "") => wayBack(signInTo({ pathname, search }).split("?")[1] ?? "");
  expect(back("/people", "?search=a%26b&role=guest")).toEqual({
    route: { page: "people" },
    query: "?search=a%26b&role=guest",
  });
  expect(back("/apps/0192/api")).toEqual({ route: { page: "app", id: "0192", tab: "api" }, query: "" });
  expect(back("/")).toEqual({ route: { page: "home" }, query: "" });
});

test("whoever is away meanwhile comes back by a path", () => {
  expect(pathBack("?to=/people%3Fsearch%3Da%2526b")).toBe("/people?search=a%26b");
  expect(pathBack("?to=//evil.example")).toBeUndefined();
});

test.each([
  "",
  "to=",
  "to=https://evil.example/people",
  "to=//evil.example/people",
  "to=/%5Cevil.example",
  "to=people",
  "to=/sign-in",
  "to=/nothing",
  "to=/people/../../evil",
])("%s leads nowhere", (query) => expect(wayBack(query)).toBeUndefined());
