// The README's gallery: every workbook of a folder from upload to a second person in a phone-sized window, who changes
// something and takes the workbook home. Run by `cargo xtask gallery`; the folder comes in GRIDKEEP_GALLERY_FROM, the
// pictures go to GRIDKEEP_GALLERY_TO and, where GRIDKEEP_GALLERY_EXPORTS names a folder, the exported workbooks there.
import { copyFileSync, readdirSync } from "node:fs";
import { join, parse } from "node:path";
import type { Locator } from "@playwright/test";
import { expect, maker, second, test } from "../support/journey.ts";
import type { App } from "../support/pages.ts";
import { readWorkbook } from "../support/xlsx.ts";

const from = process.env["GRIDKEEP_GALLERY_FROM"] ?? "";
const to = process.env["GRIDKEEP_GALLERY_TO"] ?? "";
const exports = process.env["GRIDKEEP_GALLERY_EXPORTS"] ?? "";

for (const file of from ? readdirSync(from).filter((name) => /\.(xlsx|xlsm|csv)$/.test(name)) : []) {
  test(file, async ({ portal, visit }) => {
    const link = await portal.make(join(from, file), maker, "private", [second.email]);
    const app = await visit(link);
    await app.createAccount(second);
    await expect(app.body.getByRole("main")).toBeAttached();
    // The engine, rows and charts come one after the other; then nothing is on its way any more.
    await expect(app.body.getByRole("progressbar")).toHaveCount(0);
    await expect(app.body.locator("[aria-busy=true]")).toHaveCount(0);
    await app.page.evaluate(() => document.fonts.ready);
    const path = join(to, `${parse(file).name}.png`);
    await app.page.screenshot({ path, animations: "disabled", caret: "hide" });

    const rows = app.body.getByRole("row").getByRole("link");
    const list = app.body.getByRole("searchbox");
    await expect(list.or(entries(app).first()).or(app.body.getByRole("navigation")).first()).toBeVisible();
    const words = (await list.count()) > 0 ? await changeRow(app, rows.first()) : await changeEntry(app);
    const exported = await app.exportWorkbook();
    const values = [...(await readWorkbook(exported)).values()].flatMap((cells) => [...cells.values()]);
    expect(values.length).toBeGreaterThan(0);
    if (words !== null) expect(values.some(({ value }) => String(value) === words)).toBe(true);
    if (exports) copyFileSync(exported, join(exports, file));
  });
}

/** Where numbers are entered on the open screen. */
function entries(app: App): Locator {
  return app.body.getByRole("main").locator("input[inputmode=decimal], input[inputmode=numeric]");
}

/** Changes the first row of a list, and gives what must be in the workbook then. */
async function changeRow(app: App, row: Locator): Promise<string> {
  await row.click();
  await app.sheet.getByRole("button", { name: "Edit" }).click();
  const texts = app.sheet.locator("input[type=text]:not([inputmode]), textarea");
  const numbers = app.sheet.locator("input[inputmode=decimal], input[inputmode=numeric]");
  await expect(texts.or(numbers).first()).toBeVisible();
  const words = (await texts.count()) > 0 ? "Zebra" : "7";
  await (words === "7" ? numbers : texts).last().fill(words);
  await app.sheet.getByRole("button", { name: "Save" }).click();
  await expect(app.sheet.getByRole("button", { name: "Edit" })).toBeVisible();
  await expect(app.sheet).toContainText(words);
  await app.page.keyboard.press("Escape");
  await expect(app.sheet).toHaveCount(0);
  return words;
}

/** Changes numbers of a calculator until what it shows is another; entries stay with the person, not in the workbook. */
async function changeEntry(app: App): Promise<null> {
  const shown = () => app.body.getByRole("main").innerText();
  const before = await shown();
  const count = await entries(app).count();
  // A dashboard has nothing to enter; its list is another screen.
  for (let index = 0; index < count; index += 1) {
    const entry = entries(app).nth(index);
    await entry.fill("7");
    await entry.press("Tab");
  }
  if (count > 0) await expect.poll(shown).not.toBe(before);
  return null;
}
