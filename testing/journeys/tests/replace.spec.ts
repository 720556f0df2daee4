// A workbook is replaced: what moved and what is gone is said, the maker adjusts, people get the new version, and the old
// one again when it was a mistake.
import { readFile } from "node:fs/promises";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { expect, expectAccessible, expectSaid, maker, second, test } from "../support/journey.ts";
import { sample } from "../support/server.ts";

/** The stock list a year later: nobody keeps categories any more, so what stood to the right moved up; items are described. */
async function laterStock() {
  const parts = unzipSync(new Uint8Array(await readFile(sample("inventory_list.xlsx"))));
  const name = "xl/worksheets/sheet1.xml";
  const sheet = strFromU8(parts[name] ?? new Uint8Array())
    .replace(/<c r="C\d+".*?<\/c>/g, "")
    .replace(/\b[D-H](?=\d+\b)/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 1))
    .replace("<t>Item</t>", "<t>Description</t>")
    .replace("<t>Part 1</t>", "<t>Part 1, galvanised</t>");
  const buffer = Buffer.from(zipSync({ ...parts, [name]: strToU8(sheet) }));
  return { name: "stock_2027.xlsx", mimeType: "application/octet-stream", buffer };
}

test("a workbook is replaced, and the old version comes back", async ({ portal, visit }) => {
  const link = await portal.make(sample("inventory_list.xlsx"), maker, "private", [second.email]);
  const app = await visit(link);
  await app.createAccount(second);
  const open = async (title: string) => {
    await app.search("000037");
    await expect(app.count).toHaveText(/^\s*1 row found/);
    await app.openRow(title);
  };
  await open("Part 1");
  await expect(app.figure("Item")).toHaveText("Part 1");
  await expect(app.figure("Category")).toHaveText("Bolts");

  const { page } = portal;
  await page.getByLabel("Drop the new workbook here").setInputFiles(await laterStock());
  await expect(portal.heading(/^Adjust /)).toBeVisible();
  const places = page.getByText("6 places have moved, 2 not found again");
  await places.click();
  const place = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("button", { name }) });
  await expect(place("Stock: Category")).toContainText("header not found; it shows “Qty” (C) now");
  await expect(place("Stock: Item")).toContainText("header not found; it shows “Description” (B) now");
  await expect(place("Stock: Qty")).toContainText("“Qty” (D) → “Qty” (C)");
  await expect(portal.preview.heading).toBeVisible();
  await expectAccessible(page);

  // What the app shows twice must go; what is only called otherwise gets its name.
  await page.getByText("1 problem").click();
  await page.getByRole("button", { name: "“Category” and “Qty” show the same column of the workbook" }).click();
  const column = (title: string) => page.getByRole("group").filter({ hasText: new RegExp(`^\\s*${title} · `) });
  await expect(column("Qty").getByLabel("Column of the workbook")).toHaveValue("2");
  await place("Stock: Category").getByRole("button").click();
  await column("Category").getByRole("button", { name: "Remove the column" }).click();
  await page.getByText("6 places have moved, 1 not found again").click();
  await place("Stock: Item").getByRole("button").click();
  await column("Item").getByLabel("Title").fill("Description");
  await expect(page.getByText("6 places have moved, 0 not found again")).toBeVisible();
  await expect(page.getByText("No problems")).toBeVisible();
  await expect(portal.preview.row("Part 1, galvanised")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Publish …" }).click();
  await expect(portal.heading("Publish a new version")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Named people" })).toBeChecked();
  await expect(page.getByText(second.email)).toBeVisible();
  await page.getByRole("radio", { name: "Replace them with the rows of this workbook" }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Publish the new version" }).click();
  await expect(portal.heading(/is published$/)).toBeVisible();
  await expect(page.getByText("Version 2 is live.")).toBeVisible();

  await app.page.goto(link);
  await open("Part 1, galvanised");
  await expect(app.figure("Description")).toHaveText("Part 1, galvanised");
  await expect(app.figure("Category")).toHaveCount(0);
  await expect(app.figure("Value")).toHaveText(/4,645\.67/);

  await page.getByRole("button", { name: "Go back to it" }).click();
  const sure = page.getByRole("dialog");
  await expect(sure).toContainText("Back to version 1?");
  await expectAccessible(page);
  await sure.getByRole("button", { name: "Go back to it" }).click();
  await expectSaid(page, "Version 1 is current again.");
  await expect(page.getByRole("listitem").filter({ hasText: "Version 1" })).toContainText("Current");

  // The version is the old one; rows are people's, and stay.
  await app.page.goto(link);
  await open("Part 1, galvanised");
  await expect(app.figure("Item")).toHaveText("Part 1, galvanised");
  await expect(app.figure("Category")).toBeVisible();
});
