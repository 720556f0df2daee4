// A column that refers to another table: found in the workbook, seen by its maker, chosen by people, followed by programs.
import { expect, expectAccessible, maker, test } from "../support/journey.ts";
import { xlsx } from "../support/sheets.ts";

const people = ["Ann Bell", "Bo Cray", "Cy Dunn"];
const trade = xlsx({
  Orders: [
    ["Order no", "Customer", "Qty", "City"],
    ...[0, 2, 1, 0, 2].map((who, at) => [
      `O-${at + 1}`,
      `C0${who + 1}`,
      at + 3,
      `=VLOOKUP(B${at + 2},Customers!$A$2:$C$4,3,FALSE)`,
    ]),
  ],
  Customers: [["ID", "Name", "City"], ...people.map((name, at) => [`C0${at + 1}`, name, ["Rome", "Oslo", "Ulm"][at] ?? ""])],
});
const file = { name: "trade.xlsx", mimeType: "application/octet-stream", buffer: trade };

test("orders refer to customers, from the look-up to the row", async ({ portal, visit }) => {
  const { page } = portal;
  await portal.open();
  await portal.choose(file);
  await expect(portal.heading(/suggestions? for your workbook/)).toBeVisible();
  await expect(page.getByText("looks “Customer” up in the column “ID” of “Customers”").first()).toBeVisible();
  await portal.useBest();

  // The maker sees what was found and why, takes it away and puts it back.
  await page.getByRole("button", { name: "Orders" }).last().click();
  const column = page.locator("details", { hasText: "Customer · " });
  await column.locator("summary").first().press("Enter");
  const refers = column.getByLabel("Refers to");
  await expect(refers).toHaveValue("customers");
  await expect(column.getByText("looks “Customer” up")).toBeVisible();
  await expectAccessible(page);
  await refers.selectOption("Nothing");
  await expect(column.getByLabel("By its column")).toHaveCount(0);
  await refers.selectOption("Customers");
  await expect(column.getByLabel("By its column")).toHaveValue("id");
  await column.getByLabel("Accept only values that are there").check();

  await portal.toPublish();
  await portal.chooseAudience("public");
  const link = await portal.publish(maker);
  await page.goto(link);

  // By keyboard alone: open, search by name, choose, send.
  await page.getByRole("link", { name: "Add", exact: true }).press("Enter");
  await page.getByLabel("Order no", { exact: true }).fill("O-9");
  const customer = page.getByRole("combobox", { name: "Customer" });
  await customer.fill("cra");
  await expect(page.getByRole("option")).toHaveText(/Bo Cray\s*C02/);
  await expectAccessible(page);
  await customer.press("ArrowDown");
  await customer.press("Enter");
  await expect(customer).toHaveValue("Bo Cray");
  await expect(customer).toHaveAttribute("aria-expanded", "false");
  await page.getByLabel("Qty", { exact: true }).fill("4");
  await page.getByLabel("Qty", { exact: true }).press("Enter");
  await page.getByRole("button", { name: "Show" }).press("Enter");
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("Oslo")).toBeVisible();

  // A name that is nobody's is kept, and refused.
  await sheet.getByRole("button", { name: "Edit" }).click();
  await expect(customer).toHaveValue("Bo Cray");
  await customer.fill("Nobody");
  await expect(page.getByText("No row found")).toBeVisible();
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(customer).toHaveAttribute("aria-invalid", "true");
  await expect(customer).toHaveValue("Nobody");
  await sheet.getByRole("button", { name: "Cancel" }).click();

  // The name leads to the row.
  await sheet.getByRole("link", { name: "Bo Cray" }).click();
  await expect(sheet.getByRole("heading", { name: "Bo Cray" })).toBeVisible();
  await expect(page).toHaveURL(/#\/customers\//);

  const guest = await visit(link);
  await expect(guest.count).toHaveText(/^\s*6 rows/);
  // Names in the list, asked for once a page; rows are found and put in order by them, and by the key all the same.
  await expect(guest.body.getByRole("row", { name: /^Bo Cray .*O-3/ })).toBeVisible();
  await guest.search("dunn");
  await expect(guest.count).toHaveText(/^\s*2 rows found/);
  await guest.search("bell o-4");
  await expect(guest.count).toHaveText(/^\s*1 row found/);
  await guest.search("");
  await guest.body.getByLabel("Order by").selectOption("Customer");
  await expect(guest.body.locator("[data-index='0']")).toContainText("Ann Bell");
  await expect(guest.body.locator("[data-index='5']")).toContainText("Cy Dunn");
  await guest.search("C03");
  await expect(guest.count).toHaveText(/^\s*2 rows/);
  await expect(guest.body.getByRole("row", { name: /^Cy Dunn .*O-2/ })).toBeVisible();
  await expectAccessible(guest.page);
  await guest.body.getByRole("link", { name: "Cy Dunn" }).first().click();
  await expect(guest.sheet.getByRole("heading", { name: "Cy Dunn" })).toBeVisible();
});
