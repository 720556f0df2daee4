import { expect, test } from "vitest";
import { readPeople } from "./people";

test("addresses are found in what people paste", () => {
  const check = (text: string, people: string[], wrong: string[] = []) =>
    expect(readPeople(text), text).toEqual({ people, wrong });
  check("a@b.org", ["a@b.org"]);
  check(" A@b.org, c@d.org;\ne@f.org a@B.org ", ["a@b.org", "c@d.org", "e@f.org"]);
  check('"Doe, Ann" <ann@x.org>; Bob Ross <bob@x.org>', ["ann@x.org", "bob@x.org"]);
  check("someone at x", [], ["someone", "at", "x"]);
  check("@x.org", [], ["@x.org"]);
  check("", []);
});
