// Rows out of a file: chosen, matched, put right, approved, taken over.
import { guard, type GateWish } from "../support/gated.ts";
import { expect, expectAccessible, maker, phone, test } from "../support/journey.ts";
import type { Definition } from "../support/publish.ts";
import { xlsx } from "../support/sheets.ts";

const counted: GateWish = { id: "IMPORT", message: "&COUNT rows in &TABLE" };
const guarded = (definition: Definition): void => {
  Object.assign(definition.tables[0]!, { gates: [{ gate: "IMPORT", on: ["insert", "update"] }] });
};
const csv = (name: string, text: string) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text, "latin1") });

test("a list is imported: matched by hand, put right, given up and approved", async ({ portal }) => {
  const { page, address } = portal;
  const { link } = await guard(page, address, maker, [counted], guarded);
  await page.goto(link);
  const count = page.getByRole("region", { name: "Expenses" }).getByRole("status");
  await expect(count).toHaveText(/^\s*3 rows/);
  await page.getByRole("button", { name: "Import", exact: true }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Import into Expenses" });
  await expect(dialog.getByRole("heading", { name: "Import into Expenses" })).toBeFocused();
  await expectAccessible(page);

  // German numbers in an old encoding; one column is called otherwise, and one amount is none.
  const file = dialog.getByLabel("Choose a CSV or Excel file");
  const head = "Number;Purpose;Amount;Status\r\n";
  const text = `${head}E-2;Hotel in Oslo;9.000,00;open\r\nE-4;Fähre;120,50;open\r\nE-5;Essen;`;
  await file.setInputFiles(csv("march.csv", `${text}soon;open\r\n`));
  const purpose = dialog.getByLabel("“Purpose” goes to");
  await expect(purpose).toHaveValue("");
  await expect(purpose).toHaveAccessibleDescription("For example: Hotel in Oslo · Fähre · Essen");
  await expect(dialog.getByLabel("“Amount” goes to")).toHaveValue("amount");
  await purpose.selectOption("What");
  await expect(dialog.getByRole("radio", { name: /Are changed where “Number” is the same/ })).toBeChecked();
  await expect(dialog.getByText("since the file was exported is overwritten")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Import 3 rows" }).press("Enter");
  await expect(dialog.getByRole("heading", { name: "Nothing was imported" })).toBeVisible();
  await expect(dialog.getByRole("row", { name: /^4 Amount soon/ })).toBeVisible();
  await expectAccessible(page);
  // What was refused may fit later, if what was in its way is elsewhere: once more, it is another import.
  const sent: (string | null)[] = [];
  page.on("request", (request) => {
    const address = new URL(request.url());
    if (address.pathname.endsWith("/import")) sent.push(address.searchParams.get("transaction"));
  });
  for (const times of [1, 2]) {
    await dialog.getByRole("button", { name: "Import 3 rows" }).click();
    await expect.poll(() => sent.length).toBe(times);
    await expect(dialog.getByRole("heading", { name: "Nothing was imported" })).toBeVisible();
  }
  expect(sent[0]).toBeTruthy();
  expect(sent[1]).not.toBe(sent[0]);

  // The file is put right, and asked about as a whole. Given up, what was chosen is still there.
  await dialog.getByLabel("Choose another file").setInputFiles(csv("march.csv", `${text}18,00;open\r\n`));
  await expect(dialog.getByRole("heading", { name: "Nothing was imported" })).toHaveCount(0);
  await expect(purpose).toHaveValue("what");
  const run = dialog.getByRole("button", { name: "Import 3 rows" });
  await run.click();
  const asked = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });
  await expect(asked.getByText("3 rows in Expenses")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(dialog.getByText(/You cancelled\. Nothing was done/)).toBeVisible();
  await expect(purpose).toHaveValue("what");
  await run.click();
  await asked.getByLabel("Password").fill(maker.password);
  await asked.getByRole("button", { name: "OK" }).click();
  await expect(dialog.getByRole("heading", { name: "Imported" })).toBeVisible();
  await expect(dialog.getByText("2 rows added")).toBeVisible();
  await expect(dialog.getByText("1 row changed")).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeFocused();
  await expect(count).toHaveText(/^\s*5 rows/);
  await page.getByRole("link", { name: "Fähre" }).click();
  await expect(page.getByRole("dialog", { name: "Fähre" }).getByText(/120[.,]50/)).toBeVisible();
});

test("am Telefon, dunkel: ein Blatt einer Arbeitsmappe, bestätigt", async ({ portal }) => {
  const { page, address } = portal;
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  const { link } = await guard(page, address, maker, [counted], guarded);
  await page.goto(link);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("radio", { name: "Deutsch" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Importieren", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "In Expenses importieren" });
  const book = xlsx({
    Notes: [["Nothing here"]],
    March: [
      ["Expenses of March"],
      ["Number", "What", "Amount"],
      ["E-8", "Train to Bonn", 61.2],
      ["E-9", "Taxi to Bonn", 5],
    ],
  });
  await dialog
    .getByLabel("CSV- oder Excel-Datei wählen")
    .setInputFiles({ name: "März.xlsx", mimeType: "application/octet-stream", buffer: book });
  // The sheet whose columns are called like the table's; another one has no rows, and is left again.
  const sheet = dialog.getByLabel("Blatt");
  await expect(sheet).toHaveValue("March");
  await sheet.selectOption("Notes");
  await expect(dialog.getByText(/^Es gibt keine Zeilen\./)).toBeVisible();
  await expect(sheet).toHaveValue("March");
  await expect(dialog.getByLabel("„What“ kommt in")).toHaveValue("what");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "2 Zeilen importieren" }).click();
  const asked = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });
  await asked.getByLabel("Passwort").fill(maker.password);
  await expectAccessible(page, { asked: true });
  await asked.getByRole("button", { name: "OK" }).click();
  await expect(dialog.getByText("2 Zeilen hinzugefügt")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Fertig" }).click();
  await expect(page.getByRole("link", { name: "Taxi to Bonn" })).toBeVisible();
});
