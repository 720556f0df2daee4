// Files that are no workbooks: each is answered in words that name it, and the next one works.
import { readFile } from "node:fs/promises";
import { expect, test } from "../support/journey.ts";
import { sample } from "../support/server.ts";

test("bad files are answered in words", async ({ portal }) => {
  await portal.open();
  const workbook = await readFile(sample("loan_calculator.xlsx"));
  const files: [name: string, buffer: Buffer, words: RegExp][] = [
    ["empty.xlsx", Buffer.alloc(0), /The file is empty/],
    ["letter.xlsx", Buffer.from("%PDF-1.7\n%%EOF"), /PDF/],
    ["picture.xlsx", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), /not a workbook/],
    ["half.xlsx", workbook.subarray(0, workbook.length / 2), /half\.xlsx/],
  ];
  for (const [name, buffer, words] of files) {
    await portal.choose({ name, mimeType: "application/octet-stream", buffer });
    await expect(portal.alert).toContainText(`“${name}” could not become an app`);
    await expect(portal.alert).toContainText(words);
  }
  await portal.drop(sample("loan_calculator.xlsx"));
  await expect(portal.heading(/suggestions? for your workbook/)).toBeVisible();
});
