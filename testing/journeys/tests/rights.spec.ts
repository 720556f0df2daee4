// A maker gives somebody less than the app allows, and looks at it as they do.
import { expect, expectAccessible, maker, phone, second, test } from "../support/journey.ts";
import { App } from "../support/pages.ts";
import { sample } from "../support/server.ts";

test("a maker gives somebody less, and sees the app as they do", async ({ portal, visit }) => {
  const link = await portal.make(sample("inventory_list.xlsx"), maker, "private", [second.email]);
  const { page } = portal;
  const app = await visit(link);
  await app.createAccount(second);
  await expect(app.count).toHaveText(/^\s*250 rows/);

  const card = page.getByRole("region", { name: "People and rights" });
  await expect(card.getByRole("listitem").filter({ hasText: second.email })).toContainText("As all named people");
  await card.getByRole("button", { name: new RegExp(`^Change the rights: .*${second.email}`) }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("May", { exact: true }).selectOption("view");
  await dialog.getByText("Table “Stock”").click();
  await dialog.getByLabel("Which rows").selectOption("where");
  const condition = dialog.getByLabel("Condition", { exact: true });
  await condition.fill("Qty lt");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(condition).toHaveAttribute("aria-invalid", "true");
  await condition.fill("Qty lt 100");
  await dialog.getByRole("button", { name: "Check" }).click();
  const found = dialog.getByRole("status");
  await expect(found).toHaveText(/^\d+ rows now\.$/);
  const rows = /\d+/.exec((await found.textContent()) ?? "")?.[0] ?? "";
  await dialog.getByLabel("Unit price", { exact: true }).selectOption("hidden");
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("dialog.png") });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(card.getByRole("listitem").filter({ hasText: second.email })).toContainText("Read rows. 1 table differs.");
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("card.png"), fullPage: true });

  // What is given holds at once.
  await app.page.reload();
  await expect(app.count).toContainText(`${rows} rows`);
  await app.body.getByRole("row").getByRole("link").first().click();
  const { sheet } = app;
  await expect(sheet.getByText("SKU", { exact: true })).toBeVisible();
  await expect(sheet.getByText("Unit price", { exact: true })).toHaveCount(0);
  await expect(sheet.getByRole("button", { name: "Edit" })).toHaveCount(0);

  await card.getByRole("link", { name: new RegExp(`^See as .*${second.email}`) }).click();
  const other = App.of(page);
  await expect(page.getByRole("status").filter({ hasText: second.email })).toContainText("Nothing can be changed here.");
  await expect(other.count).toContainText(`${rows} rows`);
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("seen-as.png") });
  await page.getByRole("link", { name: "End" }).click();
  await expect(other.count).toContainText("250 rows");
});

test("rights on a German phone in the dark", async ({ portal, browser }) => {
  await portal.make(sample("inventory_list.xlsx"), maker, "public", []);
  const { page } = portal;
  const state = await page.context().storageState();
  const options = { storageState: state, viewport: phone, locale: "de-DE", colorScheme: "dark" as const, hasTouch: true };
  const small = await (await browser.newContext(options)).newPage();
  await small.goto(page.url());
  const card = small.getByRole("region", { name: "Personen und Rechte" });
  await expect(card.getByText("Alle anderen mit dem Link").first()).toBeVisible();
  await card.getByRole("button", { name: "Rechte ändern: Alle anderen mit dem Link" }).click();
  await small.getByLabel("Darf", { exact: true }).selectOption("submit");
  await small.getByText("Tabelle „Stock“").click();
  await expectAccessible(small);
  await small.screenshot({ path: test.info().outputPath("phone.png") });
  await small.getByRole("button", { name: "Speichern" }).click();
  await expect(small.getByRole("dialog")).toHaveCount(0);
  await expect(card.getByRole("listitem").last()).toContainText("Zeilen hinzufügen und die eigenen lesen.");
  await small.screenshot({ path: test.info().outputPath("phone-card.png"), fullPage: true });
  await small.context().close();
});
