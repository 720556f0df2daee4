// Gates: made by an administrator, named by an app's action, filled with its values, switched on and off, removed.
import { expect, expectAccessible, expectSaid, maker, phone, test } from "../support/journey.ts";
import { xlsx } from "../support/sheets.ts";

const expenses = xlsx({
  Expenses: [
    ["Number", "What", "Amount", "Status"],
    ["E-1", "Train to Ulm", 48.5, "open"],
    ["E-2", "Hotel in Oslo", 9100, "open"],
    ["E-3", "Taxi", 23, "paid"],
  ],
});
const file = { name: "expenses.xlsx", mimeType: "application/octet-stream", buffer: expenses };

test("a gate is made, named by an app, filled with its values and switched on", async ({ portal }) => {
  const { page, address } = portal;
  await page.request.post(`${address}/api/accounts`, { data: maker, headers: { "x-gridkeep": "1" } });
  await page.goto(`${address}/account`);
  await page.getByRole("link", { name: "Security checkpoints" }).click();
  await expect(portal.heading("Security checkpoints")).toBeFocused();
  const main = page.getByRole("main");
  await expect(main.getByText("There are no gates yet.")).toBeVisible();
  await expectAccessible(page);

  // By keyboard: the id is brought into its form, what is missing is said where it is.
  await main.getByRole("button", { name: "New gate" }).press("Enter");
  const dialog = page.getByRole("dialog");
  const save = dialog.getByRole("button", { name: "Save" });
  await save.press("Enter");
  const id = dialog.getByLabel("Id", { exact: false }).first();
  await expect(id).toBeFocused();
  await expect(id).toHaveAccessibleDescription(/Begin with a capital letter/);
  await id.fill("approve expense");
  await expect(id).toHaveValue("APPROVE_EXPENSE");
  const message = dialog.getByRole("textbox", { name: "Message" });
  await message.fill("Approve &WHAT for &AMOUNT?");
  await expect(dialog.getByText("Not there yet: &WHAT, &AMOUNT")).toBeVisible();
  await expect(dialog.locator("mark").first()).toHaveText("value of WHAT");
  await expectAccessible(page);
  const active = dialog.getByRole("switch", { name: "Switched on" });
  await active.press("Space");
  await save.press("Enter");
  await expect(message).toHaveAccessibleDescription(/leave the gate switched off/);
  await active.press("Space");
  await save.press("Enter");
  await expectSaid(page, "APPROVE_EXPENSE was saved.");
  await expect(main.getByText("No app names it yet.")).toBeVisible();

  // An app names it, for large amounts.
  await portal.open();
  await portal.choose(file);
  await portal.useBest();
  await page.getByRole("button", { name: "Expenses" }).last().click();
  const panel = page.getByRole("region", { name: "Properties" });
  await panel.getByRole("button", { name: "Add an action" }).press("Enter");
  const action = panel.locator("details", { has: page.getByLabel("Only when (formula)") }).first();
  await action.getByLabel("Title").first().fill("Approve");
  const step = action.getByRole("group", { name: "Columns and their values" });
  await step.getByLabel("Column").selectOption("Status");
  await step.getByLabel("Where from").selectOption("Formula");
  await step.getByLabel("Formula").fill('"approved"');
  const gates = action.locator("details", { hasText: "Add a gate" });
  await gates.locator("summary").press("Enter");
  await gates.getByRole("button", { name: "Add a gate" }).press("Enter");
  await expect(gates.getByRole("combobox", { name: "Gate" })).toHaveValue("APPROVE_EXPENSE");
  const where = gates.getByLabel("Only for rows where");
  await expect(where).toHaveAccessibleDescription(/Amount gt 5000/);
  await where.fill("Amount gt 5000");
  await expectAccessible(page);
  await portal.toPublish();
  await portal.chooseAudience("private");
  await portal.publish(maker);

  // Now its values are there: one is put where the cursor is, and it can be switched on.
  await page.goto(`${address}/checkpoints`);
  await expect(main.getByText(/Asks in .*\(Approve\)/)).toBeVisible();
  await main.getByRole("button", { name: "Change APPROVE_EXPENSE" }).click();
  await expect(dialog.getByText("Not there yet")).toHaveCount(0);
  await message.press("End");
  await dialog.getByText("Values that can be shown").click();
  await dialog.getByRole("button", { name: "Insert &USER: who does it" }).click();
  await expect(message).toHaveValue("Approve &WHAT for &AMOUNT?&USER");
  await message.fill("Approve &WHAT for &AMOUNT?");
  await dialog.getByLabel("Comment").selectOption("Required");
  await save.click();
  await expect(dialog).toHaveCount(0);
  await main.getByRole("button", { name: "Switch on APPROVE_EXPENSE" }).click();
  await expectSaid(page, "APPROVE_EXPENSE asks from now on.");
  await main.getByRole("switch", { name: "User names are always typed" }).click();
  await expectSaid(page, "Saved. It holds from the next change on.");
  await page.reload();
  await expect(main.getByRole("switch", { name: "User names are always typed" })).toBeChecked();
  await main.getByRole("button", { name: "Guard: All data is exported" }).click();
  await expect(dialog.getByText("EXPORT_ALL")).toBeVisible();
  await save.click();
  await expect(main.getByRole("button", { name: "Change EXPORT_ALL" })).toBeVisible();

  // On a phone, in German, in the dark; and gone again.
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(portal.heading("Sicherheitsprüfungen")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "EXPORT_ALL ändern" }).click();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Dieses Gate entfernen …" }).click();
  await dialog.getByRole("button", { name: "Entfernen", exact: true }).click();
  await expectSaid(page, "EXPORT_ALL wurde entfernt.");
});

test("a change of a gate asks who one is, and members see none", async ({ portal }) => {
  const { page, address } = portal;
  await page.request.post(`${address}/api/accounts`, { data: maker, headers: { "x-gridkeep": "1" } });
  await page.goto(`${address}/checkpoints`);
  const main = page.getByRole("main");
  await main.getByRole("button", { name: "New gate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Id", { exact: false }).first().fill("ANY");
  await dialog.getByRole("textbox", { name: "Message" }).fill("&ACTION?");
  // Nobody waits here until the proof of signing in is old: the answer is the one of then.
  await page.route(
    "**/api/checkpoints/gates/ANY",
    (route) => route.fulfill({ status: 403, json: { code: "proofRequired", status: 403, title: "Is it you?" } }),
    { times: 1 },
  );
  await dialog.getByRole("button", { name: "Save" }).click();
  const proof = page.getByRole("dialog", { name: "Is it you?" });
  await proof.getByLabel("Password").fill(maker.password);
  await proof.getByRole("button", { name: "Continue" }).click();
  await expectSaid(page, "ANY was saved.");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.request.delete(`${address}/api/session`, { headers: { "x-gridkeep": "1" } });
  await page.reload();
  await expect(main.getByText("Sign in to see this page.")).toBeVisible();
});

test("the page of gates says who can confirm, and what to do when nobody can", async ({ portal }) => {
  const { page, address } = portal;
  const ask = { headers: { "x-gridkeep": "1" } };
  await page.request.post(`${address}/api/accounts`, { data: maker, ...ask });
  const pin = { pin: "482915", proof: { password: maker.password } };
  const set = () => page.request.put(`${address}/api/account/pin`, { data: pin, ...ask });
  expect((await set()).status()).toBe(204);
  const gate = { id: "CHECKPOINT_CONFIG", message: "&EVENT?", active: true, methods: ["pin", "passkey"] };
  const put = await page.request.put(`${address}/api/checkpoints/gates/${gate.id}`, { data: gate, ...ask });
  expect(put.status()).toBe(204);
  await page.goto(`${address}/checkpoints`);
  const main = page.getByRole("main");
  await expect(main.getByText(`One of 1 administrators can confirm here: ${maker.email}`)).toBeVisible();
  await expect(main.getByRole("alert")).toHaveCount(0);

  // Their PIN is theirs to remove: nobody can change gates then, and the page says what to do.
  expect((await page.request.delete(`${address}/api/account/pin`, ask)).status()).toBe(204);
  await page.reload();
  const alert = main.getByRole("alert");
  await expect(alert).toContainText("Nobody can change gates at present");
  await expect(alert).toContainText("CHECKPOINT_CONFIG asks for PIN or Passkey");
  await expect(alert).toContainText("gridkeep checkpoints off --tenant default");
  await expect(main.getByText("No administrator can confirm here.")).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(alert).toContainText("Derzeit kann niemand Gates ändern");
  await expectAccessible(page);

  // They can set up what is lacking.
  expect((await set()).status()).toBe(204);
  await page.reload();
  await expect(main.getByText(/Hier kann eine von 1 Personen/)).toBeVisible();
  await expect(alert).toHaveCount(0);
});
