// The walk-through of docs/checkpoints.md: the expense report, whose approval is guarded above 5,000. Run by
// `cargo xtask pictures checkpoint`; the pictures go to GRIDKEEP_PICTURES_TO.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, expectSaid, maker, second, test } from "../support/journey.ts";

const to = process.env["GRIDKEEP_PICTURES_TO"] ?? "results";
/** As in `cargo xtask demo`; the sample's action names it where the workspace has it. */
const gate = {
  id: "APPROVE_EXPENSE",
  description: "Expenses above 5,000 are approved by somebody who is there.",
  message: "Approve “&DESCRIPTION” for &AMOUNT &CURRENCY as &APPROVER?",
};
const row = {
  date: "2026-11-18",
  category: "Travel",
  description: "Stand at the trade fair",
  currency: "EUR",
  amount: 7400,
};

test("a guarded approval", async ({ portal, visit }) => {
  const { page, address } = portal;
  await page.setViewportSize({ width: 1180, height: 820 });
  const take = async (name: string, of: Page = page) => {
    await of.evaluate(() => document.fonts.ready);
    await of.screenshot({ path: join(to, `${name}.png`), animations: "disabled", caret: "hide" });
  };
  const headers = { "x-gridkeep": "1" };
  await page.request.post(`${address}/api/accounts`, { data: maker, headers });

  // 1. An administrator makes the gate. It stays off: no app names it yet.
  await page.goto(`${address}/checkpoints`);
  await page.getByRole("button", { name: "New gate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Id" }).fill(gate.id);
  await dialog.getByLabel("What it is for").fill(gate.description);
  await dialog.getByRole("textbox", { name: "Message" }).fill(gate.message);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expectSaid(page, `${gate.id} was saved.`);

  // 2. The sample's action names it, for large amounts.
  await portal.open();
  await page.getByRole("button", { name: /^Expense report/ }).click();
  await portal.useBest();
  await page.getByRole("button", { name: "Expenses" }).last().click();
  const panel = page.getByRole("region", { name: "Properties" });
  const action = panel.locator("details", { hasText: "Approve expense" }).first();
  await action.locator("summary").first().press("Enter");
  const gates = action.locator("details", { hasText: "Add a gate" });
  await expect(gates.getByLabel("Only for rows where")).toHaveValue("Amount gt 5000");
  // From its heading on.
  await gates.evaluate((section) => {
    section.scrollIntoView({ block: "start" });
    for (let one = section.parentElement; one; one = one.parentElement) if (one.scrollTop > 0) return void (one.scrollTop -= 12);
  });
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await take("2-action");
  await portal.toPublish();
  await portal.chooseAudience("private", [second.email]);
  const link = await portal.publish(maker);

  // 1, once more: its values are there now, and it is switched on.
  await page.goto(`${address}/checkpoints`);
  await page.getByRole("button", { name: `Change ${gate.id}` }).click();
  await take("1-gate");
  await dialog.getByRole("switch", { name: "Switched on" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Asks", { exact: true })).toBeVisible();

  // Somebody enters a large expense.
  const app = new URL(link).pathname.split("/").at(-1) ?? "";
  const insert = { type: "insert", table: "expenses", id: "01a204c0-0000-7000-8000-000000000001", values: row };
  const made = await page.request.post(`${address}/api/apps/${app}/transactions`, {
    data: { id: "01a204c0-0000-7000-8000-000000000002", operations: [insert] },
    headers,
  });
  expect(made.status(), await made.text()).toBe(200);

  // 3. Whoever approves it is asked: what it is, that they are there, and what they say to it.
  await page.goto(link);
  const what = row.description;
  await page.getByRole("searchbox").fill(what);
  await expect(page.getByText("1 row found")).toBeVisible();
  await page.getByRole("row").getByRole("link").click();
  const sheet = page.getByRole("dialog").first();
  await sheet.getByRole("button", { name: "Approve expense" }).click();
  await sheet.getByLabel("Approved by").fill(maker.name);
  await sheet.getByRole("button", { name: "Approve expense" }).click();
  const asked = dialog.filter({ has: page.getByRole("button", { name: "OK" }) });
  await expect(asked).toBeVisible();
  await asked.getByLabel("Comment").fill("Agreed in the budget of March");
  await take("3-asked");
  await asked.getByLabel("Password").fill("not my password");
  await asked.getByRole("button", { name: "OK" }).click();
  await expect(asked.getByText(/2 tries left/)).toBeVisible();
  await take("4-refused");
  await asked.getByRole("button", { name: "Cancel" }).click();
  await expect(sheet.getByText(/You cancelled/)).toBeVisible();
  await take("5-cancelled");

  // 6. On a phone, in German, in the dark.
  const other = await visit(link, { locale: "de-DE", colorScheme: "dark" });
  const { email, password } = maker;
  await other.page.request.post(`${address}/api/session`, { data: { email, password }, headers });
  await other.page.reload();
  await other.page.getByRole("searchbox").fill(what);
  await expect(other.page.getByText("1 Zeile gefunden")).toBeVisible();
  await other.page.getByRole("row").or(other.page.getByRole("listitem")).getByRole("link", { name: row.category }).click();
  const own = other.page.getByRole("dialog").first();
  await own.getByRole("button", { name: "Approve expense" }).click();
  await own.getByLabel("Approved by").fill(maker.name);
  await own.getByRole("button", { name: "Approve expense" }).click();
  await expect(other.page.getByRole("button", { name: "OK" })).toBeVisible();
  await take("6-phone", other.page);

  // 7. What a program wants without its person waits for them.
  const [known] = (await (await page.request.get(`${address}/api/apps`)).json()) as { service: string }[];
  const keys = await page.request.post(`${address}/api/apps/${app}/keys`, {
    data: { name: "Import", writes: true },
    headers,
  });
  const { secret } = (await keys.json()) as { secret: string };
  const answer = await page.request.post(`${known?.service}Expenses(${insert.id})/ApproveExpense`, {
    data: { Approver: "The night run" },
    headers: { authorization: `Bearer ${secret}` },
  });
  expect(answer.status(), await answer.text()).toBe(202);
  await page.goto(`${address}/waiting`);
  await expect(page.getByRole("button", { name: "Approve: Approve expense" })).toBeVisible();
  await take("7-waiting");
});
