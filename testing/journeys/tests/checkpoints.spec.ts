// Security checkpoints as people meet them: what they are asked, what they prove it with, and what becomes of it.
import type { Locator, Page } from "@playwright/test";
import { holdKey } from "../support/authenticator.ts";
import { approval, guard } from "../support/gated.ts";
import { expect, expectAccessible, expectSaid, maker, phone, second, test } from "../support/journey.ts";

const approve = { id: "APPROVE", message: "Approve “&WHAT” for &AMOUNT?", comment: "required" };

/** The one that is asked in, above whatever is open. */
const asked = (page: Page): Locator => page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });

test("a guarded action: by keyboard, refused, given up with the draft kept, approved", async ({ portal }) => {
  const { page, address } = portal;
  const { link } = await guard(page, address, maker, [approve], approval);
  await page.goto(link);

  // A small one is asked for by nobody.
  const row = async (name: string) => {
    await page.getByRole("link", { name }).press("Enter");
    return page.getByRole("dialog", { name });
  };
  let sheet = await row("Train to Ulm");
  const run = () => sheet.getByRole("button", { name: "Approve" });
  await run().press("Enter");
  await run().press("Enter");
  await expectSaid(page, "“Approve” is done.");
  await expect(sheet.getByText("approved")).toBeVisible();
  await page.keyboard.press("Escape");

  // A large one is shown in the server's words.
  sheet = await row("Hotel in Oslo");
  await run().press("Enter");
  await sheet.getByLabel("Note").fill("as agreed");
  await run().press("Enter");
  const dialog = asked(page);
  await expect(dialog.getByRole("heading", { name: "Approve" })).toBeFocused();
  await expect(dialog.getByText(/Approve “Hotel in Oslo” for 9,?100(\.00)?\?/)).toBeVisible();
  await expect(dialog.getByLabel("User name")).toHaveValue(maker.email);
  await expectAccessible(page, { asked: true });

  // OK waits until all is there; the focus stays inside.
  const ok = dialog.getByRole("button", { name: "OK" });
  const cancel = dialog.getByRole("button", { name: "Cancel" });
  await expect(ok).toBeDisabled();
  const password = dialog.getByLabel("Password");
  await expect(password).toHaveAttribute("autocomplete", "current-password");
  await password.fill("something else entirely");
  await expect(ok).toBeDisabled();
  await dialog.getByLabel("Comment").fill("Trade fair");
  await expect(ok).toBeEnabled();
  for (let count = 0; count < 12; count++) {
    await page.keyboard.press("Tab");
    const inside = await dialog.evaluate((element) => document.activeElement === document.body || element.contains(document.activeElement));
    expect(inside).toBe(true);
  }
  await ok.press("Enter");
  await expect(password).toHaveAccessibleDescription("That was not right. You have 2 tries left.");
  await expect(password).toBeFocused();
  await expectAccessible(page, { asked: true });
  const [larger, other] = [await ok.boundingBox(), await cancel.boundingBox()];
  expect(other?.width).toBeCloseTo(larger?.width ?? 0, 0);

  // Given up: nothing was done, nothing is lost, and the focus is where it was.
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  // It is no failure, and is said as none.
  await expect(sheet.getByRole("status").filter({ hasText: /You cancelled\. Nothing was done/ })).toBeVisible();
  await expect(sheet.getByRole("alert")).toHaveCount(0);
  await expect(sheet.getByLabel("Note")).toHaveValue("as agreed");
  await expect(run()).toBeFocused();

  // Pasted in, and approved: it goes on as if nothing had been between.
  await run().press("Enter");
  await password.focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), maker.password).catch(() => undefined);
  await page.keyboard.insertText(maker.password);
  await dialog.getByLabel("Comment").fill("Trade fair");
  await password.press("Enter");
  await expectSaid(page, "“Approve” is done.");
  await expect(dialog).toHaveCount(0);
  await expect(sheet.getByText("approved – as agreed")).toBeVisible();
});

test("every write is asked for: a change, a removal, its undoing, a form; three wrong tries end it", async ({ portal }) => {
  const { page, address } = portal;
  const gate = { id: "ROWS", message: "&EVENT: &WHAT", comment: "none", methods: ["password"] };
  const { link } = await guard(page, address, maker, [gate], (definition) => {
    Object.assign(definition.tables[0]!, { gates: [{ gate: "ROWS" }] });
  });
  await page.goto(link);
  const dialog = asked(page);
  const confirm = async (words: string) => {
    await expect(dialog.getByText(words, { exact: true })).toBeVisible();
    await dialog.getByLabel("Password").fill(maker.password);
    await dialog.getByRole("button", { name: "OK" }).click();
    await expect(dialog).toHaveCount(0);
  };

  await page.getByRole("link", { name: "Taxi" }).click();
  const sheet = page.getByRole("dialog").first();
  await sheet.getByRole("button", { name: "Edit" }).click();
  await sheet.getByLabel("What").fill("Taxi to the fair");
  const save = sheet.getByRole("button", { name: "Save" });
  await save.click();
  for (const left of [2, 1]) {
    await dialog.getByLabel("Password").fill("wrong");
    await dialog.getByRole("button", { name: "OK" }).click();
    await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription(
      left === 1 ? /one try left/ : new RegExp(`${left} tries left`),
    );
  }
  await dialog.getByLabel("Password").fill("wrong");
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(page.getByRole("alert")).toContainText("no more tries");
  const again = page.getByRole("button", { name: "Begin again" });
  await expect(again).toBeFocused();
  await expectAccessible(page, { asked: true });
  await again.click();
  await confirm("Change: Taxi to the fair");
  await expectSaid(page, "Saved.");

  await sheet.getByRole("button", { name: "Delete" }).click();
  await sheet.getByRole("button", { name: "Delete" }).last().click();
  await confirm("Remove: Taxi to the fair");
  await page.getByRole("button", { name: "Undo" }).click();
  await confirm("Add: Taxi to the fair");
  await expectSaid(page, "The row is back.");

  // A new row, from its form: given up, all that was entered is still there.
  await page.getByRole("link", { name: "Add", exact: true }).click();
  const entries = { Number: "E-9", What: "Lunch", Amount: "31", Status: "open" };
  for (const [label, value] of Object.entries(entries)) await sheet.getByLabel(label).fill(value);
  await sheet.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog.getByText("Add: Lunch", { exact: true })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  for (const [label, value] of Object.entries(entries)) await expect(sheet.getByLabel(label)).toHaveValue(value);
});

test("a passkey signs what is shown", async ({ portal }) => {
  const { page } = portal;
  const address = portal.address.replace("127.0.0.1", "localhost");
  await holdKey(page);
  const { link } = await guard(page, address, maker, [approve], approval);
  await page.goto(`${address}/account/security`);
  const main = page.getByRole("main");
  await main.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make the passkey" }).click();
  await page.getByRole("button", { name: "I have saved them" }).click();

  await page.goto(link);
  await page.getByRole("link", { name: "Hotel in Oslo" }).click();
  const run = page.getByRole("dialog", { name: "Hotel in Oslo" }).getByRole("button", { name: "Approve" });
  await run.click();
  await run.click();
  const dialog = asked(page);
  await expect(dialog.getByRole("radio", { name: "Passkey" })).toBeChecked();
  await expect(dialog.getByText("It signs exactly what stands above.")).toBeVisible();
  await expectAccessible(page, { asked: true });
  await dialog.getByLabel("Comment").fill("By key");
  await dialog.getByRole("button", { name: "OK" }).click();
  await expectSaid(page, "“Approve” is done.");
});

test("a PIN is set, holds for one transaction, and ends after five wrong tries", async ({ portal }) => {
  const { page, address } = portal;
  const { link } = await guard(page, address, maker, [{ ...approve, comment: "none" }], (definition) =>
    approval(definition, "Amount gt 20"),
  );
  await page.goto(`${address}/account/security`);
  const main = page.getByRole("main");
  await main.getByRole("button", { name: "Set a PIN" }).click();
  const setting = page.getByRole("dialog");
  await expect(setting.getByText("6 to 12 digits. No sequence")).toBeVisible();
  await expectAccessible(page);
  const both = async (first: string, then = first) => {
    await setting.getByLabel("New PIN").fill(first);
    await setting.getByLabel("Once more").fill(then);
    await setting.getByRole("button", { name: "Save" }).click();
  };
  await both("12345");
  await expect(setting.getByLabel("New PIN")).toHaveAccessibleDescription("Enter 6 to 12 digits.");
  await both("482915", "482916");
  await expect(setting.getByLabel("Once more")).toHaveAccessibleDescription("The two are not the same.");
  await both("123456");
  await expect(setting.getByLabel("New PIN")).toHaveAccessibleDescription(/no sequence/);
  await both("482915");
  // Having signed in a moment ago is not enough: whoever sets one shows who they are with it.
  const prove = page.getByRole("dialog", { name: "Is it you?" });
  await prove.getByLabel("Password").fill("something else entirely");
  await prove.getByRole("button", { name: "Continue" }).click();
  await expect(prove.getByLabel("Password")).toHaveAccessibleDescription("This is not your password.");
  await expectAccessible(page, { asked: true });
  await prove.getByLabel("Password").fill(maker.password);
  await prove.getByRole("button", { name: "Continue" }).click();
  await expectSaid(page, "Your PIN is set.");

  await page.goto(link);
  const dialog = asked(page);
  const begin = async (name: string) => {
    await page.getByRole("link", { name }).click();
    const run = page.getByRole("dialog", { name }).getByRole("button", { name: "Approve" });
    await run.click();
    await run.click();
    await dialog.getByRole("radio", { name: "PIN" }).check();
  };
  const pin = dialog.getByLabel("PIN").last();
  /** Enters one; after one that was wrong the next waits, longer each time, which is said. */
  const enter = async (digits: string) => {
    for (;;) {
      await pin.fill(digits);
      const answered = page.waitForResponse((response) => response.url().endsWith("/approve"));
      await pin.press("Enter");
      const answer = await answered;
      if (answer.status() !== 429) return;
      await expect(dialog.getByRole("alert")).toContainText(/Wait \d+ seconds/);
      const from = Date.now();
      const seconds = Number(answer.headers()["retry-after"]);
      await expect.poll(() => Date.now() - from).toBeGreaterThan(seconds * 1000);
    }
  };
  await begin("Train to Ulm");
  await enter("482915");
  await expectSaid(page, "“Approve” is done.");
  await page.keyboard.press("Escape");

  // Three here, and two more where it is begun again: whatever was asked for, they are counted together.
  await begin("Hotel in Oslo");
  for (const left of ["2 tries", "one try"]) {
    await enter("999999");
    await expect(pin).toHaveAccessibleDescription(new RegExp(left));
  }
  await enter("999999");
  await page.getByRole("button", { name: "Begin again" }).click();
  await dialog.getByRole("radio", { name: "PIN" }).check();
  await enter("999999");
  await expect(pin).toHaveAccessibleDescription(/2 tries/);
  await enter("999999");
  await expect(dialog.getByRole("alert")).toContainText("your PIN no longer holds");
  await expect(dialog.getByRole("radio", { name: "PIN" })).toHaveCount(0);
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(dialog).toHaveCount(0);
  await page.goto(`${address}/account/security`);
  await expect(main.getByText("Your PIN had five wrong tries and no longer holds.")).toBeVisible();
  await main.getByRole("button", { name: "Remove the PIN" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the PIN" }).click();
  await expectSaid(page, "Your PIN was removed.");
});

test("am Telefon, dunkel: die Zeit wird knapp, reicht doch, und ist dann um", async ({ portal }) => {
  const { page, address } = portal;
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  const gate = { ...approve, message: "„&WHAT“ für &AMOUNT freigeben?", retypeUsername: true, ttlSeconds: 120 };
  const { link } = await guard(page, address, maker, [gate], approval);
  await page.clock.install();
  await page.goto(link);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("radio", { name: "Deutsch" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Hotel in Oslo" }).click();
  const run = page.getByRole("dialog", { name: "Hotel in Oslo" }).getByRole("button", { name: "Approve" });
  await run.click();
  await run.click();
  const dialog = asked(page);
  const name = dialog.getByLabel("Benutzername");
  await name.fill("sam@example.org");
  await dialog.getByLabel("Passwort").fill(maker.password);
  await dialog.getByLabel("Kommentar").fill("Messe");
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(name).toHaveAccessibleDescription(/nicht der Name/);
  await expectAccessible(page, { asked: true });

  await page.clock.fastForward(65_000);
  await expectSaid(page, "Das schließt sich in 60 Sekunden.");
  await expectAccessible(page, { asked: true });
  await dialog.getByRole("button", { name: "Mehr Zeit" }).click();
  await expect(dialog.getByRole("button", { name: "Mehr Zeit" })).toHaveCount(0);
  await expect(dialog.getByLabel("Kommentar")).toHaveValue("Messe");
  await page.clock.fastForward(125_000);
  await expect(page.getByRole("alert")).toContainText("Die Zeit ist um.");
  await page.getByRole("button", { name: "Abbrechen" }).last().click();
  await expect(page.getByRole("dialog", { name: "Hotel in Oslo" })).toBeVisible();
});

test("what a program changes waits for its author", async ({ portal, playwright }) => {
  const { page, address } = portal;
  const gate = { id: "ROWS", message: "&EVENT: &WHAT", comment: "none" };
  const { id, link, service } = await guard(page, address, maker, [gate], (definition) => {
    Object.assign(definition.tables[0]!, { gates: [{ gate: "ROWS" }] });
  });
  const made = await page.request.post(`${address}/api/apps/${id}/keys`, {
    data: { name: "Import", writes: true },
    headers: { "x-gridkeep": "1" },
  });
  const { secret } = (await made.json()) as { secret: string };
  const program = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${secret}` } });
  const list = (await (await program.get(service)).json()) as { value: { url: string }[] };
  for (const What of ["Lunch", "Dinner", "Snack"]) {
    const answer = await program.post(`${service}${list.value[0]!.url}`, {
      data: { Number: What, What, Amount: 12, Status: "open" },
    });
    expect(answer.status(), await answer.text()).toBe(202);
  }
  await program.dispose();

  await page.goto(link);
  const badge = page.getByRole("button", { name: "3 transactions await approval" });
  await badge.click();
  const waiting = page.getByRole("dialog", { name: "Waiting for you" });
  await expect(waiting.getByText("Add: Lunch")).toBeVisible();
  await expectAccessible(page);
  const item = waiting.getByRole("listitem").filter({ hasText: "Lunch" });
  await item.getByRole("button", { name: /^Approve: / }).click();
  const dialog = asked(page);
  // Left, it goes on waiting.
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(item).toBeVisible();
  await item.getByRole("button", { name: /^Approve: / }).click();
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(item).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(page.getByRole("link", { name: "Lunch" })).toBeVisible();

  // One by the link that programs are given.
  const own = (await (await page.request.get(`${address}/api/checkpoints/waiting`)).json()) as {
    own: { link: string; gates: { message: string }[] }[];
  };
  const snack = own.own.find(({ gates }) => gates[0]?.message === "Add: Snack");
  await page.goto(`${address}${new URL(snack?.link ?? "").pathname}`);
  await expect(portal.heading("A program asks you")).toBeVisible();
  await expect(page.getByText("Add: Snack")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("main").getByRole("button", { name: "Approve …" }).click();
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(page.getByText("Approved, and done.")).toBeVisible();
  await page.reload();
  await expect(page.getByText("This is no longer open.")).toBeVisible();

  // The other one is discarded, in the portal.
  await page.goto(address);
  await page.getByRole("link", { name: "1 transaction awaits approval" }).click();
  await expect(portal.heading("Waiting for you")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("main").getByRole("button", { name: /^Discard: / }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
  await expect(page.getByRole("link", { name: "1 transaction awaits approval" })).toHaveCount(0);
});

test("two people are needed: one begins, the other approves on their own phone", async ({ portal, visit }) => {
  const { page, address } = portal;
  const { link } = await guard(page, address, maker, [{ ...approve, comment: "none" }], approval, [second.email]);
  const settings = { enabled: true, retypeUsername: false, commentsRequired: false, anyEntitled: false, fourEyes: true, waitHours: 24 };
  const put = await page.request.put(`${address}/api/checkpoints/settings`, {
    data: settings,
    headers: { "x-gridkeep": "1" },
  });
  expect(put.status(), await put.text()).toBe(204);
  const other = await visit(link);
  await other.createAccount(second);
  await expect(other.count).toBeVisible();

  await page.goto(link);
  await page.getByRole("link", { name: "Hotel in Oslo" }).click();
  const sheet = page.getByRole("dialog", { name: "Hotel in Oslo" });
  await sheet.getByRole("button", { name: "Approve" }).click();
  await sheet.getByLabel("Note").fill("by two");
  await sheet.getByRole("button", { name: "Approve" }).click();
  await expect(sheet.getByText(/Somebody else has to approve this/)).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "1 transaction awaits approval" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: /^Approve: / })).toHaveCount(0);
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await other.page.reload();
  await other.page.getByRole("button", { name: "1 transaction awaits approval" }).click();
  const waiting = other.page.getByRole("dialog", { name: "Waiting for you" });
  await expect(waiting.getByText(`From ${maker.email}`)).toBeVisible();
  await expectAccessible(other.page);
  await waiting.getByRole("button", { name: "Approve: Approve" }).click();
  const dialog = asked(other.page);
  await expect(dialog.getByLabel("User name")).toHaveValue(second.email);
  await dialog.getByLabel("Password").fill(second.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expectSaid(other.page, "“Approve” was approved.");
  await page.reload();
  await expect(page.getByRole("row", { name: /Hotel in Oslo/ })).toContainText("approved – by two");
});
