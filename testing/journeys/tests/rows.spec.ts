// Lists, forms and dashboards: rows that people change are stored, calculated, and come back in the workbook.
import { expect, expectSaid, maker, second, test } from "../support/journey.ts";
import { amount } from "../support/pages.ts";
import { sample } from "../support/server.ts";
import { cell, readWorkbook } from "../support/xlsx.ts";

test("a stock list: a named person corrects a row", async ({ portal, visit }) => {
  const link = await portal.make(sample("inventory_list.xlsx"), maker, "private", [second.email]);

  const app = await visit(link);
  await app.createAccount(second);
  await expect(app.count).toHaveText(/^\s*250 rows/);
  await app.search("000037");
  await expect(app.count).toHaveText(/^\s*1 row found/);
  const sheet = await app.openRow("Part 1");
  await sheet.getByRole("button", { name: "Edit" }).click();
  await app.enter("Qty", "5");
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(app.figure("Value")).toHaveText(/169\.55/);
  await expect(app.figure("Status")).toHaveText("reorder");
  await app.page.keyboard.press("Escape");

  const exported = await readWorkbook(await portal.exportWorkbook());
  expect(cell(exported, "Stock", "A5").value).toBe("000037");
  expect(cell(exported, "Stock", "D5").value).toBe(5);
  expect(cell(exported, "Stock", "G5").formula).toBe("D5*F5");
  expect(cell(exported, "Stock", "D6").value).toBe(129);
});

test("an expense report: a named person hands in one more", async ({ portal, visit }) => {
  const link = await portal.make(sample("expense_report.xlsx"), maker, "private", [second.email]);

  const app = await visit(link);
  await app.createAccount(second);
  await expect(app.count).toHaveText(/^\s*40 rows/);
  await app.body.getByRole("link", { name: "Add", exact: true }).click();
  await app.enter("Date", "24/12/2026");
  await app.enter("Category", "Hotel");
  await app.enter("Description", "Two nights in Ghent");
  await app.enter("Currency", "USD");
  await app.enter("Amount", "200");
  await app.sheet.getByRole("button", { name: "Add" }).click();
  await expect(app.count).toHaveText(/^\s*41 rows/);
  await app.search("Ghent");
  // Until the answer is there the list shows what it showed before.
  await expect(app.count).toHaveText(/^\s*1 row found/);
  await app.body.getByRole("row").getByRole("link").first().click();
  await expect(app.figure("EUR")).toHaveText(/184\.00/);

  const exported = await readWorkbook(await portal.exportWorkbook());
  expect(cell(exported, "Expenses", "C42").value).toBe("Two nights in Ghent");
  expect(cell(exported, "Expenses", "E42").value).toBe(200);
  expect(cell(exported, "Expenses", "G42").formula).toBe("ROUND(E42*F42,2)");
});

test("a sales dashboard: a changed row moves the totals", async ({ portal, visit }) => {
  const link = await portal.make(sample("sales_dashboard.xlsx"), maker, "private", [second.email]);

  const app = await visit(link);
  await app.createAccount(second);
  const total = async () => amount(await app.figure("Total").textContent());
  // 3,000 rows of units times price, added up from the file by other means.
  await expect.poll(total).toBeCloseTo(1_540_421.6, 1);

  await app.goTo("New: Data");
  await app.enter("Date", "15/06/2025");
  await app.enter("Region", "North");
  await app.enter("Rep", "Ada");
  await app.enter("Product", "A");
  await app.enter("Units", "1000");
  await app.enter("Price", "9.9");
  await app.body.getByRole("button", { name: "Send" }).click();
  await expectSaid(app.page, "Saved. The form is ready for the next entry.");
  await expect(app.entry("Units")).toHaveValue("");
  await app.goTo("Overview");
  await expect.poll(total).toBeCloseTo(1_540_421.6 + 9_900, 1);
  await expect(app.figure("Best month")).toHaveText("Jun 2025");

  const exported = await readWorkbook(await app.exportWorkbook());
  expect(cell(exported, "Data", "E3002").value).toBe(1_000);
  expect(cell(exported, "Data", "G3002").formula).toBe("E3002*F3002");
  expect(cell(exported, "Dashboard", "I2").formula).toBe("SUM(F2:F13)");
});
