// A sample with an action, from the portal's first page to an approval on a German phone in the dark.
import { expect, expectAccessible, maker, second, test } from "../support/journey.ts";

test("the expense report is approved by people", async ({ portal, visit }) => {
  const { page } = portal;
  await portal.open();
  await page.getByRole("button", { name: /^Expense report/ }).click();
  await portal.useBest();
  // What the sample brings can be read and changed like what a maker shapes.
  await page.getByRole("button", { name: "Expenses" }).last().click();
  const panel = page.getByRole("region", { name: "Properties" });
  const action = panel.locator("details", { hasText: "Approve expense" }).first();
  await action.locator("summary").first().press("Enter");
  await expect(action.getByLabel("Only when (formula)")).toHaveValue('AND([@[Approved by]]="",[@Amount]>0)');
  await expectAccessible(page);
  await portal.toPublish();
  await portal.chooseAudience("private", [second.email]);
  const link = await portal.publish(maker);

  const app = await visit(link);
  await app.createAccount(second);
  await expect(app.count).toBeVisible();
  await app.page.emulateMedia({ colorScheme: "dark" });
  await app.body.getByRole("row").getByRole("link").first().click();
  await expect(app.sheet.getByRole("button", { name: "Take back approval" })).toHaveCount(0);
  await app.sheet.getByRole("button", { name: "Approve expense" }).click();
  await expect(app.sheet.getByText("Approve this expense?")).toBeVisible();
  await expectAccessible(app.page);
  await app.sheet.getByRole("button", { name: "Approve expense" }).click();
  await expect(app.sheet.getByLabel("Approved by")).toHaveAttribute("aria-invalid", "true");
  await app.sheet.getByLabel("Approved by").fill("Sam Second");
  await app.sheet.getByRole("button", { name: "Approve expense" }).click();
  await expect(app.sheet.getByRole("definition").filter({ hasText: "Sam Second" })).toBeVisible();
  // What is approved cannot be approved again: that is not offered, and neither is what only its maker may do.
  await expect(app.sheet.getByRole("button", { name: "Approve expense" })).toHaveCount(0);
  await expect(app.sheet.getByRole("button", { name: "Take back approval" })).toHaveCount(0);
  await app.page.screenshot({ path: test.info().outputPath("approved.png") });

  // The maker may take it back, on this row and on no other.
  await page.goto(link);
  const sheet = page.getByRole("dialog");
  const rows = page.getByRole("row").getByRole("link");
  await rows.first().click();
  await expect(sheet.getByRole("button", { name: "Take back approval" })).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Approve expense" })).toHaveCount(0);
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("maker.png") });
  await page.keyboard.press("Escape");
  await rows.nth(1).click();
  await expect(sheet.getByRole("button", { name: "Approve expense" })).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Take back approval" })).toHaveCount(0);
});
