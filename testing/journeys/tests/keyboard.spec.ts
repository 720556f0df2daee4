// The whole way without a mouse: what has focus is seen, and everything is reached.
import { expect, maker, test } from "../support/journey.ts";
import { amount } from "../support/pages.ts";
import { sample } from "../support/server.ts";

test("from the file to a result by keyboard alone", async ({ portal, visit }) => {
  const { page } = portal;
  await portal.open();
  /** Presses Tab until this has the focus. */
  const reach = async (name: string | RegExp, role: "button" | "link" | "textbox" | "radio" | "any" = "any") => {
    const wanted = role === "any" ? page.getByLabel(name) : page.getByRole(role, { name });
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Tab");
      if (await wanted.evaluateAll((all) => all.includes(document.activeElement as never))) return;
    }
    throw new Error(`the Tab key does not reach ${String(name)}`);
  };

  await reach("Drop a workbook here");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
  await chooser.setFiles(sample("loan_calculator.xlsx"));
  await expect(portal.heading(/suggestions? for your workbook/)).toBeFocused();
  await reach("Use this", "button");
  await page.keyboard.press("Enter");
  await expect(portal.heading(/^Adjust /)).toBeFocused();
  await reach("Publish …", "button");
  await page.keyboard.press("Enter");
  await expect(portal.heading("Publish")).toBeFocused();
  await reach(/Only me/, "radio");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Everybody with the link" })).toBeChecked();
  await reach("Publish the app", "button");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("heading")).toBeFocused();
  await reach("Your name", "textbox");
  await page.keyboard.type(maker.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(maker.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(maker.password);
  await page.keyboard.press("Enter");
  await expect(portal.heading(/is published$/)).toBeFocused();

  const app = await visit(await portal.link.inputValue(), { viewport: { width: 1024, height: 768 } });
  await expect(app.entry("Loan amount")).toBeVisible();
  for (let presses = 0; presses < 20; presses++) {
    await app.page.keyboard.press("Tab");
    if (await app.entry("Loan amount").evaluate((entry) => entry === document.activeElement)) break;
  }
  await expect(app.entry("Loan amount")).toBeFocused();
  await app.page.keyboard.press("ControlOrMeta+A");
  await app.page.keyboard.type("500000");
  await expect.poll(async () => amount(await app.figure("Monthly payment").textContent())).toBeCloseTo(2597.95, 2);
});
