// Calculators: what a second person enters on a phone gives what mathematics gives, not merely what we gave before.
import { expect, maker, test } from "../support/journey.ts";
import { amount } from "../support/pages.ts";
import { sample } from "../support/server.ts";
import { cell, readWorkbook } from "../support/xlsx.ts";

/** The monthly payment of an annuity. */
function payment(principal: number, rate: number, years: number): number {
  const monthly = rate / 12;
  return (principal * monthly) / (1 - (1 + monthly) ** (-years * 12));
}

test("a loan calculator, from the workbook to a second person's result", async ({ portal, visit }) => {
  const link = await portal.make(sample("loan_calculator.xlsx"), maker, "public");

  const app = await visit(link);
  await expect.poll(async () => amount(await app.figure("Monthly payment").textContent())).toBeCloseTo(
    payment(250_000, 0.0385, 25),
    2,
  );
  await app.enter("Loan amount", "300,000");
  await app.enter("Interest rate p.a.", "4.2");
  await app.enter("Years", "20");
  const expected = payment(300_000, 0.042, 20);
  await expect.poll(async () => amount(await app.figure("Monthly payment").textContent())).toBeCloseTo(expected, 2);
  await expect
    .poll(async () => amount(await app.figure("Total interest").textContent()))
    .toBeCloseTo(expected * 240 - 300_000, 2);

  // What a visitor tries out is theirs alone: the workbook that is exported is the maker's, whole.
  const exported = await readWorkbook(await app.exportWorkbook());
  expect(cell(exported, "Loan", "B2").value).toBe(250_000);
  expect(cell(exported, "Loan", "B8").formula).toContain("PMT(");
  expect(exported.get("Schedule")?.size).toBeGreaterThan(2_000);
});

test("a German price quote, line by line", async ({ portal, visit }) => {
  const link = await portal.make(sample("price_quote_de.xlsx"), maker, "public");

  const app = await visit(link);
  const gross = (lines: [price: number, quantity: number, tax: number][], discount: number) => {
    const net = lines.reduce((sum, [price, quantity]) => sum + price * quantity, 0);
    const tax = lines.reduce((sum, [price, quantity, rate]) => sum + price * quantity * (1 - discount) * rate, 0);
    return net - net * discount + tax;
  };
  const shown = async () => amount(await app.figure("Brutto").textContent());
  await expect.poll(shown).toBeCloseTo(gross([[549, 4, 0.19], [68.5, 6, 0.19]], 0.05), 2);
  await app.enter("Menge, line 1", "2");
  await app.body.getByRole("button", { name: "Add a line" }).click();
  await app.enter("Artikel, line 3", "Fachbuch");
  await app.enter("Menge, line 3", "10");
  await app.enter("Rabatt", "10");
  await expect.poll(shown).toBeCloseTo(gross([[549, 2, 0.19], [68.5, 6, 0.19], [24.9, 10, 0.07]], 0.1), 2);

  const exported = await readWorkbook(await app.exportWorkbook());
  expect(cell(exported, "Angebot", "B6").value).toBe(4);
  expect(cell(exported, "Angebot", "D20").formula).toBe("D17+D18+D19");
});
