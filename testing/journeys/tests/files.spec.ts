// Photos of rows: a maker adds a column, a guest sends one from a phone, the list shows it, programs read it.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, maker, test } from "../support/journey.ts";
import { png } from "../support/png.ts";
import { xlsx } from "../support/sheets.ts";

const damages = xlsx({
  Damages: [
    ["Number", "Place", "What", "Reported"],
    ["D-1", "Hall 3", "A window is broken", "open"],
    ["D-2", "Yard", "The gate does not close", "open"],
    ["D-3", "Hall 1", "A lamp flickers", "done"],
  ],
});
const file = { name: "damages.xlsx", mimeType: "application/octet-stream", buffer: damages };
const photo = { name: "broken window.png", mimeType: "image/png", buffer: png(320, 200) };
const paper = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") };

/** A photo of 3000 × 2000 pixels whose camera was held upright: its Exif part says that it is to be turned. */
async function largePhoto(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [3000, 2000];
    const context = canvas.getContext("2d")!;
    const noise = context.createImageData(3000, 2000);
    // Told by a rule, so that it is the same every time, and rough enough to be large.
    for (let at = 0, seed = 1; at < noise.data.length; at += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      noise.data[at] = at % 4 === 3 ? 255 : ((at / 4000) % 200) + (seed >> 26);
    }
    context.putImageData(noise, 0, 0);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    const bytes = new Uint8Array(await blob!.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  });
  const jpeg = Buffer.from(base64, "base64");
  // Exif with one entry: orientation 6, "turn right".
  const exif = Buffer.from("ffe100224578696600004d4d002a000000080001011200030000000100060000 00000000".replace(" ", ""), "hex");
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

test("a guest sends a photo, from the maker's column to the program that reads it", async ({ portal, visit }) => {
  const { page } = portal;
  await portal.open();
  await portal.choose(file);
  await portal.useBest();

  // By keyboard: a column of photos, of at most a megabyte; guests may add rows.
  await page.getByRole("button", { name: "Damages" }).last().click();
  const panel = page.getByRole("region", { name: "Properties" });
  await panel.getByRole("button", { name: "Add a column of photos or files" }).press("Enter");
  const column = panel.locator("details", { hasText: "Photo · Photo or file" }).first();
  await column.locator("summary").first().press("Enter");
  await expect(column.getByText(/kept beside the workbook/)).toBeVisible();
  await expect(column.getByLabel("Only pictures")).toBeChecked();
  await column.getByLabel("Largest file in MB").fill("1");
  await column.getByLabel("Largest file in MB").press("Tab");
  await panel.getByLabel("Guests: Add rows").check();
  await expectAccessible(page);
  await portal.toPublish();
  await portal.chooseAudience("public");
  const link = await portal.publish(maker);

  const app = await visit(link);
  await app.body.getByRole("link", { name: "Add", exact: true }).click();
  const sheet = app.sheet;
  await app.enter("Number", "D-4");
  await app.enter("What", "A door sticks");
  const choose = sheet.getByLabel("Choose a picture");
  await choose.setInputFiles(paper);
  await expect(sheet.getByText(/This is not a picture/)).toBeVisible();
  await choose.setInputFiles({ name: "long.gif", mimeType: "image/gif", buffer: Buffer.alloc(1_100_000) });
  await expect(sheet.getByText("This file has 1.1 MB; at most 1 MB can be sent.")).toBeVisible();
  // What a camera gives goes as a smaller copy that stands upright: larger than the column takes, and lying on its side.
  const lying = await largePhoto(app.page);
  expect(lying.length).toBeGreaterThan(1_000_000);
  await choose.setInputFiles({ name: "camera.jpg", mimeType: "image/jpeg", buffer: lying });
  await expect(sheet.getByText("camera.jpg", { exact: true })).toBeVisible();
  await expect(sheet.locator("img")).toHaveJSProperty("naturalHeight", 2048);
  await expect(sheet.locator("img")).toHaveJSProperty("naturalWidth", 1365);
  await sheet.getByLabel("Choose another").setInputFiles(photo);
  await expect(sheet.getByText("broken window.png", { exact: true })).toBeVisible();
  await expect(sheet.locator("img")).toHaveJSProperty("naturalWidth", 320);
  // Without a connection it is said what cannot be done.
  await app.page.context().setOffline(true);
  await expect(sheet.getByText(/Photos and files need a connection/)).toBeVisible();
  await app.page.context().setOffline(false);
  await expectAccessible(app.page);
  await app.page.screenshot({ path: test.info().outputPath("form.png") });
  await sheet.getByRole("button", { name: "Add", exact: true }).click();

  // The list shows a small picture, the detail the whole one.
  const row = app.row("A door sticks");
  await expect(row.getByRole("img", { name: "broken window.png" })).toHaveJSProperty("naturalWidth", 160);
  await app.page.screenshot({ path: test.info().outputPath("list.png") });
  const detail = await app.openRow("A door sticks");
  await expect(detail.getByRole("img", { name: "Picture: Photo" })).toHaveJSProperty("naturalWidth", 320);
  await expectAccessible(app.page);
  await app.page.screenshot({ path: test.info().outputPath("detail.png") });
  await app.page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(app.page);
  await app.page.screenshot({ path: test.info().outputPath("dark.png") });

  // A program reads it as a stream.
  const id = new URL(link).pathname.split("/").filter(Boolean).at(-1);
  const root = `${portal.address}/odata/default/${id}/`;
  const headers = { "x-gridkeep": "1", accept: "application/json;odata.metadata=full" };
  const [set] = (await (await app.page.request.get(root, { headers })).json()).value;
  const entities = await app.page.request.get(`${root}${set.url}?$filter=Number eq 'D-4'`, { headers });
  const [entity] = (await entities.json()).value;
  expect(entity["Photo@odata.mediaContentType"]).toBe("image/png");
  const stream = await app.page.request.get(entity["Photo@odata.mediaReadLink"], { headers: { "x-gridkeep": "1" } });
  expect(await stream.body()).toEqual(photo.buffer);

  // Its maker replaces it and takes it away.
  await page.goto(link);
  await page.getByRole("link", { name: "A door sticks", exact: true }).click();
  const own = page.getByRole("dialog");
  await own.getByRole("button", { name: "Edit" }).click();
  await own.getByLabel("Choose another").setInputFiles({ ...photo, name: "second.png", buffer: png(64, 64) });
  await expect(own.getByText("second.png", { exact: true })).toBeVisible();
  await own.getByRole("button", { name: "Save" }).click();
  await expect(own.getByRole("img", { name: "Picture: Photo" })).toHaveJSProperty("naturalWidth", 64);
  await page.screenshot({ path: test.info().outputPath("desktop.png") });
  await own.getByRole("button", { name: "Edit" }).click();
  await own.getByRole("button", { name: "Remove: Photo" }).press("Enter");
  await own.getByRole("button", { name: "Save" }).click();
  await expect(own.getByRole("img")).toHaveCount(0);
});
