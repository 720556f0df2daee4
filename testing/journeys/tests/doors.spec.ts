// The gates of Gridkeep's own operations, and of an app changed as a whole, as people meet them.
import type { Locator, Page } from "@playwright/test";
import { expenses, guard } from "../support/gated.ts";
import { expect, expectAccessible, expectSaid, maker, test } from "../support/journey.ts";

/** The one that is asked in, above whatever is open. */
const asked = (page: Page): Locator => page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });

test("a guarded export is asked about, given up, approved and then saved", async ({ portal }) => {
  const { page, address } = portal;
  const { id, link } = await guard(page, address, maker, [{ id: "EXPORT_ALL", message: "&USER takes out &EVENT?" }], () => undefined);
  await page.goto(`${address}/apps/${id}`);
  const main = page.getByRole("main");
  const files = main.getByRole("link", { name: "Workbook (.xlsx)" });
  await files.press("Enter");
  const dialog = asked(page);
  await expect(dialog.getByRole("heading", { name: "All data is exported" })).toBeFocused();
  await expect(dialog.getByText(/takes out .+\?/)).toBeVisible();
  await expectAccessible(page, { asked: true });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expectSaid(page, "You cancelled. Nothing was done");
  await expect(files).toBeFocused();

  const approve = async () => {
    await dialog.getByLabel("Password").fill(maker.password);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "OK" }).click(),
    ]);
    await expect(dialog).toHaveCount(0);
    return download.suggestedFilename();
  };
  await files.press("Enter");
  expect(await approve()).toBe("expenses.xlsx");

  // In the app as in the portal.
  await page.goto(link);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog", { name: "Settings" }).getByRole("link", { name: /Expenses/ }).click();
  expect(await approve()).toBe("Expenses.csv");
});

test("going back to a version that asks less is asked about", async ({ portal }) => {
  const { page, address } = portal;
  const config = { id: "CHECKPOINT_CONFIG", message: "&EVENT. Is that meant?" };
  const change = { id: "CHANGE", message: "Change an expense?" };
  const { id } = await guard(page, address, maker, [change, config], () => undefined);
  const ask = async (path: string, options: Parameters<Page["request"]["post"]>[1] = {}) => {
    const headers = { "x-gridkeep": "1", ...options.headers };
    const answer = await page.request.post(address + path, { ...options, headers });
    expect(answer.status()).toBe(201);
    return answer.json();
  };
  // The second version names the gate: to ask more is nobody's business.
  const creation = await ask("/api/creations", {
    data: expenses,
    headers: { "x-file-name": "expenses.xlsx", "content-type": "application/octet-stream" },
  });
  const definition = creation.proposals[0].definition;
  definition.tables[0].gates = [{ gate: "CHANGE" }];
  await ask(`/api/creations/${creation.token}/publish`, {
    data: { definition, audience: "private", people: [], replaces: id },
  });

  await page.goto(`${address}/apps/${id}`);
  const first = page.getByRole("listitem").filter({ hasText: "Version 1" });
  await first.getByRole("button", { name: "Go back to it" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go back to it" }).click();
  const dialog = asked(page);
  await expect(dialog.getByRole("heading", { name: "Expenses: CHANGE no longer asks in “Expenses”" })).toBeFocused();
  await expect(dialog.getByText(/: CHANGE no longer asks in “Expenses”\. Is that meant\?/)).toBeVisible();
  await expectAccessible(page, { asked: true });
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expectSaid(page, "Version 1 is current again.");
  await expect(first).toContainText("Current");

  // The log tells of both: who passed the gate, and what was changed.
  const { rows } = await (await page.request.get(`${address}/api/audit?subject=${id}`)).json();
  expect(rows[0].facts.gates[0]).toMatchObject({ gate: "CHANGE", how: "dropped" });
});
