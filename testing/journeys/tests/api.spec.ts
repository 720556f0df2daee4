// Programs: a maker opens the API tab, tries the service, gives a program a key and takes it away again.
import { request } from "@playwright/test";
import { expect, expectAccessible, expectSaid, maker, phone, test } from "../support/journey.ts";
import { sample } from "../support/server.ts";

test("a key opens the service until it is revoked", async ({ portal, server }) => {
  const { page } = portal;
  await portal.make(sample("inventory_list.xlsx"), maker, "prototype");
  await page.getByRole("link", { name: "API", exact: true }).click();
  const service = await page.getByLabel("Service address").inputValue();
  expect(service).toContain(`${server.address}/odata/`);
  const stock = page.getByRole("group").filter({ hasText: "Min" }).first();
  await expect(stock).toContainText("Whole number");
  for (const right of ["read", "add", "change", "delete"])
    await expect(stock.getByText(right, { exact: true })).toBeVisible();

  // The console: by form first, then a typed address, then one that leads elsewhere.
  const address = page.getByLabel("Address behind the service's");
  await page.getByRole("checkbox", { name: "Item" }).check();
  await page.getByRole("checkbox", { name: "Min" }).check();
  await page.getByRole("button", { name: "Add a condition" }).click();
  const condition = page.getByRole("group", { name: "Condition 1" });
  await condition.getByLabel("Column").selectOption("Min");
  await condition.getByLabel("Comparison").selectOption("is more than");
  await condition.getByLabel("Value").fill("20");
  await page.getByLabel("Sorted by").selectOption("Min");
  await page.getByLabel("Order", { exact: true }).selectOption("descending");
  await page.getByLabel("Rows at most").fill("3");
  await expect(address).toHaveValue("Stock?$select=Item,Min&$filter=Min gt 20&$orderby=Min desc&$top=3");
  await page.getByRole("button", { name: "Run" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await expect(answer).toContainText('"Min"');
  await address.fill("Nothing");
  await address.press("Enter");
  await expectSaid(page, "404");
  await address.fill("../elsewhere");
  await address.press("Enter");
  await expect(address).toHaveAccessibleDescription(/Only addresses of this app's service/);

  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  }

  // A key for a program.
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create the key" }).click();
  await expect(dialog.getByLabel("What it is for")).toBeFocused();
  await dialog.getByLabel("What it is for").fill("Excel on my laptop");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create the key" }).click();
  await expect(dialog).toContainText("shown this one time only");
  const key = await dialog.getByLabel("API key", { exact: true }).inputValue();
  expect(key).toMatch(/^gk_/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText("never used")).toBeVisible();

  // The program, without the person's cookies.
  const program = await request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const read = await program.get(`${service}Stock?$top=1`);
  expect(read.status()).toBe(200);
  expect(((await read.json()) as { value: unknown[] }).value).toHaveLength(1);
  const change = await program.post(`${service}Stock`, { data: {} });
  expect(change.status(), "a key for reading changes nothing").toBe(403);

  await page.reload();
  await expect(page.getByText(/last used/)).toBeVisible();
  await page.getByRole("button", { name: "Revoke “Excel on my laptop”" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expectSaid(page, "“Excel on my laptop” is revoked.");
  await expect(page.getByText("There are no keys yet.")).toBeVisible();
  expect((await program.get(`${service}Stock?$top=1`)).status()).toBe(401);
  await program.dispose();
});

test("a calculator is tried on a phone, in German", async ({ portal }) => {
  const { page } = portal;
  await portal.make(sample("loan_calculator.xlsx"), maker, "public");
  await page.getByRole("link", { name: "API", exact: true }).click();
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.setViewportSize(phone);
  const address = page.getByLabel("Adresse hinter der des Dienstes");
  await page.getByLabel("Loan amount").fill("viel");
  await expect(page.getByLabel("Loan amount")).toHaveAccessibleDescription(/passt nicht zum Typ/);
  await page.getByLabel("Loan amount").fill("300.000,00");
  await page.getByLabel("Years").fill("20");
  await expect(address).toHaveValue(/\(LoanAmount=300000\.00,Years=20\)$/);
  await page.getByRole("button", { name: "Ausführen" }).click();
  await expect(page.getByRole("region", { name: "Antwort" })).toContainText("MonthlyPayment");
  await page.getByRole("radio", { name: "TypeScript" }).check();
  await expect(page.getByRole("region", { name: "TypeScript" })).toContainText(/MonthlyPayment: number/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide, "nothing sticks out of a phone's screen").toBe(false);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
});
