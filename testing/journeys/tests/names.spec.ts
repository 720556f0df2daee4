// A list filtered by what a row refers to: chosen by name, not by key, with the keyboard and in the dark.
import { expect, expectAccessible, maker, test } from "../support/journey.ts";
import { publish } from "../support/publish.ts";
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

test("orders of a customer, by name", async ({ server, visit }) => {
  const link = await publish(server, maker, { name: "trade.xlsx", buffer: trade }, (definition) => {
    const lists = definition.screens.flatMap((screen) => screen.components).filter((one) => one["type"] === "list");
    for (const list of lists) if (list["table"] === "orders") list["filters"] = ["customer", "qty"];
  });
  const guest = await visit(link, { colorScheme: "dark" });
  await expect(guest.count).toHaveText(/^\s*5 rows/);
  await guest.body.getByRole("button", { name: "Filters" }).press("Enter");
  const wanted = guest.body.getByRole("combobox", { name: "Customer" });
  // What is being typed is nobody yet, and filters nothing.
  await wanted.fill("bel");
  await expect(guest.body.getByRole("listbox").getByRole("option")).toHaveText(/Ann Bell\s*C01/);
  await expect(guest.count).toHaveText(/^\s*5 rows/);
  await wanted.press("ArrowDown");
  await wanted.press("Enter");
  await expect(wanted).toHaveValue("Ann Bell");
  await expect(guest.count).toHaveText(/^\s*2 rows found/);
  await expectAccessible(guest.page);
  await guest.page.screenshot({ path: test.info().outputPath("filter.png") });

  // Rows without a customer are a choice too; none of them is here.
  await wanted.fill("");
  await expect(guest.count).toHaveText(/^\s*5 rows/);
  await wanted.press("ArrowDown");
  await expect(guest.body.getByRole("option", { name: "(blank)" })).toHaveClass(/active/);
  await wanted.press("Enter");
  await expect(wanted).toHaveValue("(blank)");
  await expect(guest.body.getByText("Nothing matches").first()).toBeVisible();
  await guest.body.getByRole("button", { name: "Show all" }).click();
  await expect(guest.count).toHaveText(/^\s*5 rows/);
  await expect(wanted).toHaveValue("");
});
