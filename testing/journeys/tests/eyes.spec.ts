// Gridkeep's own operations that take a second person: whoever asked is told, and carries on from wherever they are.
import type { Locator, Page } from "@playwright/test";
import { guard } from "../support/gated.ts";
import { expect, expectAccessible, expectSaid, maker, phone, second, test } from "../support/journey.ts";
import type { App } from "../support/pages.ts";

const asked = (page: Page): Locator => page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });
const ONCE = { "x-gridkeep": "1" };

/** The second person becomes an administrator, and from now on everything takes two. */
async function pair(page: Page, address: string, other: App): Promise<void> {
  await other.createAccount(second);
  await expect(other.count).toBeVisible();
  const { people } = await (await page.request.get(`${address}/api/people`)).json();
  const them = (people as { id: string; email: string }[]).find(({ email }) => email === second.email);
  const raised = await page.request.patch(`${address}/api/people/${them?.id}`, {
    data: { role: "administrator" },
    headers: ONCE,
  });
  expect(raised.status(), await raised.text()).toBe(200);
  const put = await page.request.put(`${address}/api/checkpoints/settings`, { data: { fourEyes: true }, headers: ONCE });
  expect(put.status(), await put.text()).toBe(204);
}

/** The second person approves what waits, on their own phone. */
async function approve({ page }: App, comment: string): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: /^Approve: / }).click();
  const dialog = asked(page);
  await dialog.getByLabel("Password").fill(second.password);
  await dialog.getByLabel(/Comment/).fill(comment);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
}

test("an export that takes two goes on by itself once the second has approved, or later from the list", async ({ portal, visit }) => {
  const { page, address } = portal;
  const gate = { id: "EXPORT_ALL", message: "&USER takes out &EVENT?" };
  const { id, link } = await guard(page, address, maker, [gate], () => undefined, [second.email]);
  const other = await visit(link);
  await pair(page, address, other);

  await page.goto(`${address}/apps/${id}`);
  const files = page.getByRole("main").getByRole("link", { name: "Workbook (.xlsx)" });
  await files.press("Enter");
  const dialog = page.getByRole("dialog", { name: "All data is exported" });
  await expect(dialog.getByRole("heading", { name: "All data is exported" })).toBeFocused();
  await expect(dialog.getByText(`${maker.email} takes out`)).toBeVisible();
  await expect(dialog.getByRole("status")).toHaveText("Waiting for a second person");
  await expectAccessible(page, { asked: true });

  // The second sees who asked, and for what; the first page goes on without a press.
  await other.page.goto(`${address}/waiting`);
  await expect(other.page.getByText(`From ${maker.email}`)).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), approve(other, "for the auditor")]);
  expect(download.suggestedFilename()).toBe("expenses.xlsx");
  await expect(dialog).toHaveCount(0);
  await expect(files).toBeFocused();

  // Asked for again it takes two again; this time the page is closed in between.
  await files.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Waiting for a second person");
  await page.goto("about:blank");
  await other.page.reload();
  await approve(other, "once more");
  await page.goto(address);
  await page.getByRole("link", { name: "1 answer for you" }).click();
  await expect(portal.heading("Waiting for you")).toBeVisible();
  const answer = page.getByRole("region", { name: "Answered" }).getByRole("listitem");
  await expect(answer).toContainText(`${second.email} approved it.`);
  await expect(answer).toContainText("once more");
  await expectAccessible(page);
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  const [later] = await Promise.all([
    page.waitForEvent("download"),
    answer.getByRole("button", { name: "Carry on: All data is exported" }).click(),
  ]);
  expect(later.suggestedFilename()).toBe("expenses.xlsx");
  await expectSaid(page, "“All data is exported” is done.");
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
});

test("a change of a gate that the second turns down says why, and one they approve is made where it was", async ({ portal, visit }) => {
  const { page, address } = portal;
  const gates = [
    { id: "CHECKPOINT_CONFIG", message: "&USER changes &EVENT?" },
    { id: "ERASURE", message: "Erase &EVENT?" },
  ];
  // The gate of gates is switched on last: it guards the others.
  const { link } = await guard(page, address, maker, [gates[1]!], () => undefined, [second.email]);
  const other = await visit(link);
  await pair(page, address, other);
  const put = await page.request.put(`${address}/api/checkpoints/gates/CHECKPOINT_CONFIG`, {
    data: { ...gates[0], active: true },
    headers: ONCE,
  });
  expect(put.status(), await put.text()).toBe(204);

  await page.goto(`${address}/checkpoints`);
  const main = page.getByRole("main");
  const off = main.getByRole("button", { name: "Switch off ERASURE" });
  await off.click();
  const dialog = page.getByRole("dialog", { name: "Gates and their settings are changed" });
  await expect(dialog.getByRole("status")).toHaveText("Waiting for a second person");
  await other.page.goto(`${address}/waiting`);
  await other.page.getByRole("main").getByRole("button", { name: /^Turn down: / }).click();
  const refusal = other.page.getByRole("dialog", { name: "Turn this down?" });
  await refusal.getByLabel(/^Why/).fill("Not while the auditor is here.");
  await expectAccessible(other.page);
  await refusal.getByRole("button", { name: "Turn down" }).click();
  await expectSaid(other.page, "was turned down.");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(`${second.email} turned it down. Nothing was done. “Not while the auditor is here.”`).first()).toBeVisible();

  // It stands in the list until it is read.
  await page.goto(`${address}/waiting`);
  await expect(main.getByText("Not while the auditor is here.")).toBeVisible();
  await main.getByRole("button", { name: /^Put away: / }).click();
  await expect(main.getByText("Nothing waits for you.")).toBeVisible();

  // Asked for again, let wait, and approved meanwhile: what was entered is not kept, so it is done once more where it was.
  await page.goto(`${address}/checkpoints`);
  await off.click();
  await dialog.getByRole("button", { name: "Let it wait" }).click();
  await expect(dialog).toHaveCount(0);
  await other.page.reload();
  await approve(other, "go ahead");
  await page.goto(`${address}/waiting`);
  await expect(main.getByText("Do the same there once more")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("link", { name: "Go there: Gates and their settings are changed" }).click();
  await off.click();
  await expectSaid(page, "ERASURE asks nobody now.");
  await expect(dialog).toHaveCount(0);

  // The log names both.
  await page.goto(`${address}/audit`);
  const row = main.locator("summary", { hasText: "Checkpoint: passed" });
  await expect(row).toContainText(`${maker.email} · second person: ${second.email} · CHECKPOINT_CONFIG`);
});

test("what the second approved they take back until it is carried on, and whoever asked is told", async ({ portal, visit }) => {
  const { page, address } = portal;
  const gate = { id: "EXPORT_ALL", message: "&USER takes out &EVENT?" };
  const { id, link } = await guard(page, address, maker, [gate], () => undefined, [second.email]);
  const other = await visit(link);
  await pair(page, address, other);

  await page.goto(`${address}/apps/${id}`);
  const files = page.getByRole("main").getByRole("link", { name: "Workbook (.xlsx)" });
  const dialog = page.getByRole("dialog", { name: "All data is exported" });
  await files.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Waiting for a second person");
  await page.goto("about:blank");

  // Nothing waits for the second then, but what they approved is in sight, on every page of theirs.
  const theirs = other.page;
  await theirs.goto(`${address}/waiting`);
  await approve(other, "for the auditor");
  const given = theirs.getByRole("region", { name: "Approved by you, not yet carried out" });
  await expect(given.getByRole("listitem")).toContainText(`${maker.email} takes out`);
  await expect(given.getByText(`From ${maker.email}`)).toContainText(/approved .+ holds until /);
  await expect(given.getByText("“for the auditor”")).toBeVisible();
  await expectAccessible(theirs);
  await theirs.goto(`${address}/people`);
  await theirs.getByRole("link", { name: "1 approval of yours can be taken back" }).click();
  await theirs.setViewportSize(phone);
  await theirs.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(theirs);
  await theirs.screenshot({ path: "results/eyes-given.png", fullPage: true });

  // Asked about first, and left with Escape as with Cancel.
  const back = given.getByRole("button", { name: "Take back: All data is exported" });
  await back.press("Enter");
  const sure = theirs.getByRole("dialog", { name: "Take your approval back?" });
  await expect(sure.getByText(`${maker.email} is told`)).toBeVisible();
  await expectAccessible(theirs);
  await theirs.keyboard.press("Escape");
  await expect(sure).toHaveCount(0);
  await expect(back).toBeFocused();
  await back.press("Enter");
  await sure.getByLabel(/^Why/).fill("It was the wrong app.");
  await sure.getByRole("button", { name: "Take back" }).press("Enter");
  await expectSaid(theirs, "Your approval of “All data is exported” is taken back.");
  await expect(given).toHaveCount(0);
  await expect(theirs.getByText("Nothing waits for you.")).toBeVisible();

  // Whoever asked reads it, and what they asked for waits anew.
  await page.goto(address);
  await page.getByRole("link", { name: "1 answer for you" }).click();
  const answer = page.getByRole("region", { name: "Answered" }).getByRole("listitem");
  await expect(answer).toContainText(`${second.email} approved it and took that back. Nothing was done.`);
  await expect(answer).toContainText("It was the wrong app.");
  await expect(answer.getByRole("button", { name: /^Carry on/ })).toHaveCount(0);
  await answer.getByRole("button", { name: /^Put away: / }).click();
  await page.goto(`${address}/apps/${id}`);
  await files.press("Enter");
  await expect(dialog.getByRole("status")).toHaveText("Waiting for a second person");

  // Carried on in time, it cannot be taken back any more.
  await page.goto("about:blank");
  await theirs.reload();
  await approve(other, "the right one");
  await back.press("Enter");
  const went = page.waitForEvent("download");
  await page.goto(`${address}/waiting`);
  await page.getByRole("button", { name: "Carry on: All data is exported" }).click();
  await went;
  await sure.getByRole("button", { name: "Take back" }).press("Enter");
  await expectSaid(theirs, "That can no longer be taken back");
  await expect(given).toHaveCount(0);
});
