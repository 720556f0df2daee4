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
    // One of them is the portal's own sample, which brings actions.
    const acts = file === "expense_report.xlsx";
    const link = acts
      ? await portal.makeSample(/^Expense report/, maker, "private", [second.email])
      : await portal.make(join(from, file), maker, "private", [second.email]);
    const app = await visit(link);
    // A working day, so that what counts working days or shows today is the same whenever this runs.
    await app.page.clock.setFixedTime("2026-11-18T09:00:00");
    await app.page.reload();
    await app.createAccount(second);
    // Code, engine, rows and charts come one after the other: first something is there, then nothing is on its way.
    const main = app.body.getByRole("main");
    const roles = ["term", "cell", "slider"] as const;
    const content = roles.map((role) => main.getByRole(role)).reduce((all, one) => all.or(one));
    await expect(content.or(entries(app)).first()).toBeVisible();
    await expect(app.body.getByRole("progressbar")).toHaveCount(0);
    await expect(app.body.locator("[aria-busy=true]")).toHaveCount(0);
    await app.page.evaluate(() => document.fonts.ready);
    const rows = app.body.getByRole("row").getByRole("link");
    if (acts) {
      await rows.first().click();
      await expect(app.sheet.getByRole("button", { name: "Approve expense" })).toBeVisible();
    }
    const path = join(to, `${parse(file).name}.png`);
    await app.page.screenshot({ path, animations: "disabled", caret: "hide" });
    if (acts) await app.page.keyboard.press("Escape");
    await expect(app.sheet).toHaveCount(0);

    const list = app.body.getByRole("searchbox");
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
  const inputs = app.sheet.locator("input[type=text], textarea");
  await expect(inputs.first()).toBeVisible();
  // Words where words stand; a date or a number has a digit in it.
  const held = await inputs.evaluateAll((all) => all.map((input) => (input as HTMLInputElement).value));
  const place = held.findIndex((value) => /^\D+$/.test(value));
  const numbers = app.sheet.locator("input[inputmode=decimal], input[inputmode=numeric]");
  let [words, input] = ["Zebra", inputs.nth(place)];
  if (place < 0) {
    // Without either, times and the like that are kept as text.
    [words, input] = (await numbers.count()) > 0 ? ["7", numbers.first()] : [`${held[0]} (1)`, inputs.first()];
  }
  await input.fill(words);
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
