// The README's gallery: every workbook of a folder from upload to a phone-sized window, and a picture of what is there.
// Run by `cargo xtask gallery`; the folder comes in GRIDKEEP_GALLERY_FROM, the pictures go to GRIDKEEP_GALLERY_TO.
import { readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { expect, maker, test } from "../support/journey.ts";

const from = process.env["GRIDKEEP_GALLERY_FROM"] ?? "";
const to = process.env["GRIDKEEP_GALLERY_TO"] ?? "";

for (const file of from ? readdirSync(from).filter((name) => /\.(xlsx|xlsm|csv)$/.test(name)) : []) {
  test(file, async ({ portal, visit }) => {
    const link = await portal.make(join(from, file), maker, "public");
    const app = await visit(link);
    // Code, engine, rows and charts come one after the other: first something is there, then nothing is on its way.
    const main = app.body.getByRole("main");
    const roles = ["term", "textbox", "cell", "slider"] as const;
    const content = roles.map((role) => main.getByRole(role)).reduce((all, one) => all.or(one));
    await expect(content.first()).toBeVisible();
    await expect(app.body.getByRole("progressbar")).toHaveCount(0);
    await expect(app.body.locator("[aria-busy=true]")).toHaveCount(0);
    await app.page.evaluate(() => document.fonts.ready);
    const path = join(to, `${parse(file).name}.png`);
    await app.page.screenshot({ path, animations: "disabled", caret: "hide" });
  });
}
