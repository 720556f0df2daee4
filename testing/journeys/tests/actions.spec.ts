// An action of a row: shaped by its maker, checked against the workbook, run by people, refused in words.
import { expect, expectAccessible, maker, test } from "../support/journey.ts";
import { xlsx } from "../support/sheets.ts";

const expenses = xlsx({
  Expenses: [
    ["Number", "What", "Amount", "Status"],
    ["E-1", "Train to Ulm", 48.5, "open"],
    ["E-2", "Hotel in Oslo", 910, "open"],
    ["E-3", "Taxi", 23, "paid"],
    ["E-4", "Lunch", 31, "open"],
  ],
});
const file = { name: "expenses.xlsx", mimeType: "application/octet-stream", buffer: expenses };

test("expenses are approved, from the formula to the refusal", async ({ portal }) => {
  const { page } = portal;
  await portal.open();
  await portal.choose(file);
  await expect(portal.heading(/suggestions? for your workbook/)).toBeVisible();
  await portal.useBest();

  // By keyboard: an action that sets the status, with a condition, a question and a value to ask for.
  await page.getByRole("button", { name: "Expenses" }).last().click();
  const panel = page.getByRole("region", { name: "Properties" });
  await panel.getByRole("button", { name: "Add an action" }).press("Enter");
  const action = panel.locator("details", { has: page.getByLabel("Only when (formula)") }).first();
  await action.getByLabel("Title").first().fill("Approve");
  const when = action.getByLabel("Only when (formula)");
  await when.fill('[@Sttus]="open"');
  await expect(action.getByText(/no column Sttus/)).toBeVisible();
  await when.fill('AND([@Status]="open",[@Amount]<500)');
  await expect(action.getByText(/no column/)).toHaveCount(0);
  await action.getByLabel("Said when the condition does not hold").fill("Only open ones below 500.");
  await action.getByLabel("Question before it runs").fill("Approve this expense?");
  await action.getByRole("button", { name: "Ask for a value" }).press("Enter");
  const parameter = action.locator("details", { hasText: "Value · Text" });
  await parameter.locator("summary").first().press("Enter");
  await expect(parameter.getByText("In formulas: value")).toBeVisible();
  await parameter.getByLabel("Title").fill("Note");
  const step = action.getByRole("group", { name: "Columns and their values" });
  await step.getByLabel("Column").selectOption("Status");
  await step.getByLabel("Where from").selectOption("Formula");
  await step.getByLabel("Formula").fill('"approved"&IF(value="",""," – "&value)');
  await expectAccessible(page);

  await portal.toPublish();
  await portal.chooseAudience("private");
  const link = await portal.publish(maker);
  await page.goto(link);

  await page.getByRole("link", { name: /Train to Ulm|E-1/ }).first().press("Enter");
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Approve" }).press("Enter");
  await expect(sheet.getByText("Approve this expense?")).toBeVisible();
  await sheet.getByLabel("Note").fill("as agreed");
  await expectAccessible(page);
  await sheet.getByRole("button", { name: "Approve" }).press("Enter");
  await expect(page.getByText("“Approve” is done.")).toBeVisible();
  await expect(sheet.getByText("approved – as agreed")).toBeVisible();

  // Where its condition does not hold it is not offered: neither on this row any more, nor on one that is too dear.
  await expect(sheet.getByRole("button", { name: "Approve" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /Hotel in Oslo|E-2/ }).first().click();
  await expect(sheet.getByText("910")).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Edit" })).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Approve" })).toHaveCount(0);
  await page.keyboard.press("Escape");

  // Somebody else was faster: what the maker says then; nothing that was entered is lost.
  await page.getByRole("link", { name: /Lunch|E-4/ }).first().click();
  await sheet.getByRole("button", { name: "Approve" }).click();
  await sheet.getByLabel("Note").fill("again");
  const other = await page.context().newPage();
  await other.goto(link);
  await other.getByRole("link", { name: /Lunch|E-4/ }).first().click();
  await other.getByRole("button", { name: "Edit" }).click();
  await other.getByLabel("Status").fill("paid");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByRole("button", { name: "Edit" })).toBeVisible();
  await other.close();
  const conflict = sheet.getByRole("alert");
  await sheet.getByRole("button", { name: "Approve" }).click();
  await expect(conflict).toBeVisible();
  await expect(sheet.getByLabel("Note")).toHaveValue("again");
  await sheet.getByRole("button", { name: "Approve" }).click();
  await expect(conflict).toHaveText("Only open ones below 500.");
  await expect(sheet.getByLabel("Note")).toHaveValue("again");
  await expectAccessible(page);
});
