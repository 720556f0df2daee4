// Every screen as axe sees it, light and dark, in English and German.
import { expect, expectAccessible, maker, second, test } from "../support/journey.ts";
import { amount } from "../support/pages.ts";
import { sample } from "../support/server.ts";

test.describe("in English and light", () => {
  test("every screen of making an app is accessible", async ({ portal, visit }) => {
    const { page } = portal;
    await portal.open();
    await expectAccessible(page);
    await portal.drop(sample("price_quote_de.xlsx"));
    await expect(portal.heading(/suggestions? for your workbook/)).toBeVisible();
    await expectAccessible(page);
    await portal.useBest();
    await expect(portal.preview.heading).toBeVisible();
    await expectAccessible(page);
    await portal.toPublish();
    await expectAccessible(page);
    await portal.chooseAudience("public");
    const link = await portal.publish(maker);
    await expectAccessible(page);
    await page.goto(portal.address);
    await expect(portal.heading(/^Hello/)).toBeVisible();
    await expect(page.getByRole("link", { name: "Open", exact: true })).toBeVisible();
    await expectAccessible(page);

    const app = await visit(link);
    await expect(app.figure("Brutto")).toBeVisible();
    await expectAccessible(app.page);
    await app.settings();
    await expectAccessible(app.page);
  });

  test("lists, forms and the door are accessible", async ({ portal, visit }) => {
    const link = await portal.make(sample("expense_report.xlsx"), maker, "private", [second.email]);
    const app = await visit(link);
    await expect(app.heading).toBeVisible();
    await expectAccessible(app.page);
    await app.createAccount(second);
    await expect(app.count).toBeVisible();
    await expectAccessible(app.page);
    await app.body.getByRole("link", { name: "Add", exact: true }).click();
    await expect(app.sheet).toBeVisible();
    await expectAccessible(app.page);
  });
});

test("dashboards are accessible", async ({ portal, visit }) => {
  const link = await portal.make(sample("sales_dashboard.xlsx"), maker, "public");
  const app = await visit(link);
  await expect(app.heading).toBeVisible();
  await expect(app.body.getByRole("term").first()).toBeVisible();
  await expectAccessible(app.page);
});

test("a German phone in the dark", async ({ portal, visit }) => {
  const link = await portal.make(sample("loan_calculator.xlsx"), maker, "public");
  const app = await visit(link, { locale: "de-DE", colorScheme: "dark" });
  await expect(app.body.getByRole("button", { name: "Einstellungen" })).toBeVisible();
  await app.enter("Loan amount", "123.456,5");
  // Closed form: 123456.5 at 3.85 % over 25 years.
  const shown = async () => amount(await app.figure("Monthly payment").textContent(), "de");
  await expect.poll(shown).toBeCloseTo(641.47, 2);
  await expectAccessible(app.page);
  const background = await app.body.evaluate((body) => getComputedStyle(body).backgroundColor);
  const [red = 255] = (background.match(/[\d.]+/g) ?? []).map(Number);
  expect(red, background).toBeLessThan(80);
});
