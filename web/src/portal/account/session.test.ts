import { afterEach, expect, test, vi } from "vitest";
import type { Account, Session } from "$lib/api/types";
import { session } from "./session.svelte";

const ada = { id: "ada", email: "ada@example.org" } as Account;
const ben = { id: "ben", email: "ben@example.org" } as Account;
const signedIn = (account: Account): Session => ({ account, firstRun: false }) as Session;
const halfWay = { account: null, firstRun: false, secondStep: { ways: ["totp"] } } as unknown as Session;

afterEach(() => vi.unstubAllGlobals());

/** Ada was at work when her session ended; how often the page begins anew is counted. */
function interrupted() {
  const reload = vi.fn();
  vi.stubGlobal("location", { reload });
  session.take(signedIn(ada));
  session.ended = true;
  return reload;
}

test("what somebody was at stays while their second factor is waited for", () => {
  const reload = interrupted();
  session.take(halfWay);
  expect(session.ended).toBe(true);
  expect(session.account).toBe(ada);
  expect(session.ways).toEqual(["totp"]);
  session.take(signedIn(ada));
  expect(session.ended).toBe(false);
  expect(session.ways).toBeUndefined();
  expect(reload).not.toHaveBeenCalled();
});

test("whoever else comes in by a second factor sees nothing of it", () => {
  const reload = interrupted();
  session.take(halfWay);
  session.take(signedIn(ben));
  expect(session.account).toBe(ben);
  expect(reload).toHaveBeenCalledOnce();
});

test("whoever closes the question half-way is signed out, and nothing is waited for", () => {
  interrupted();
  session.take(halfWay);
  session.forget();
  expect(session.account).toBeNull();
  expect(session.ended).toBe(false);
  expect(session.ways).toBeUndefined();
});

test("at an ordinary sign-in nobody is there until the second factor is shown", () => {
  interrupted();
  session.forget();
  session.take(halfWay);
  expect(session.account).toBeNull();
  expect(session.ways).toEqual(["totp"]);
});
