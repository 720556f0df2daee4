import { expect, test } from "vitest";
import type { ActionDefinition } from "$lib/api/types";
import type { Source } from "../data/source";
import { Offered } from "./offered.svelte";

const action = (id: string, when?: string): ActionDefinition => ({
  id,
  title: id,
  steps: [],
  ...(when ? { when } : {}),
});
const always = action("always");
const approve = action("approve", '[@By]=""');
const reopen = action("reopen", '[@By]<>""');
const all = [always, approve, reopen];
const on = { table: "expenses", row: "1" };
const asking = (runnable: Source["runnable"]) => ({ runnable }) as Source;
const shown = (offered: Offered) => offered.of(all).map(({ id }) => id);

test("what has a condition waits for it, and shows where it holds", async () => {
  const offered = new Offered();
  expect(shown(offered)).toEqual(["always"]);
  const asked: unknown[] = [];
  const source = asking(async (place) => (asked.push(place), ["always", "approve"]));
  await offered.look(source, all, on);
  expect(shown(offered)).toEqual(["always", "approve"]);
  expect(asked).toEqual([on]);
});

test("nobody is asked for actions without conditions", async () => {
  const offered = new Offered();
  const source = asking(() => Promise.reject(new Error("asked")));
  await offered.look(source, [always], on);
  expect(shown(offered)).toEqual(["always"]);
});

test("a look that fails hides nothing, and the last look counts", async () => {
  const offered = new Offered();
  await offered.look(
    asking(() => Promise.reject(new Error("away"))),
    all,
  );
  expect(shown(offered)).toEqual(["always", "approve", "reopen"]);
  let late: (ids: string[]) => void = () => {};
  const first = offered.look(
    asking(() => new Promise((done) => (late = done))),
    all,
  );
  await offered.look(
    asking(async () => ["reopen"]),
    all,
  );
  late(["approve"]);
  await first;
  expect(shown(offered)).toEqual(["always", "reopen"]);
});
