import { expect, test } from "vitest";
import { parse, path } from "../route";
import { placeOf, sections } from "./places";

const pages = (account: Parameters<typeof sections>[0]) =>
  sections(account).map(({ places }) => places.map(({ route }) => route.page));
const own = ["account", "security", "devices", "ownLogins", "waiting", "workspaces"];

test("nobody is led to what they may not see", () => {
  expect(pages(null)).toEqual([]);
  expect(pages({ role: null, runsServer: false })).toEqual([own]);
  expect(pages({ role: "maker", runsServer: false })).toEqual([own]);
  const [, workspace] = pages({ role: "administrator", runsServer: false });
  expect(workspace).toContain("people");
  expect(pages({ role: "administrator", runsServer: false })).toHaveLength(2);
  expect(pages({ role: "owner", runsServer: true })).toHaveLength(3);
  expect(pages({ role: "member", runsServer: false, throughCompany: true })[0]).not.toContain("ownLogins");
});

test("every place has an address of its own, and a page knows its place", () => {
  const all = sections({ role: "owner", runsServer: true });
  for (const { places } of all)
    for (const place of places) {
      expect(parse(path(place.route))).toEqual(place.route);
      expect(placeOf(all, place.route)).toBe(place);
    }
  expect(placeOf(all, { page: "handlers" })?.route.page).toBe("audit");
  expect(placeOf(all, { page: "home" })).toBeUndefined();
});
