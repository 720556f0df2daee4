// Second factors: set up, asked for at sign-in, lost and found again.
import type { Locator, Page } from "@playwright/test";
import { code, holdKey } from "../support/authenticator.ts";
import { expect, expectAccessible, expectSaid, maker, second, test } from "../support/journey.ts";
import { mailedLink, Portal } from "../support/pages.ts";

async function begin(portal: Portal, address = portal.address): Promise<{ page: Page; main: Locator }> {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.goto(`${address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("link", { name: "My account" }).click();
  await page.getByRole("link", { name: "Password and security" }).click();
  await expect(main.getByText("Your password is the only thing")).toBeVisible();
  return { page, main };
}

async function signIn(portal: Portal, address = portal.address): Promise<void> {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");
  await page.goto(`${address}/sign-in`);
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill(maker.password);
  await main.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(main.getByRole("heading", { name: "One more step" })).toBeVisible();
}

test("an authenticator app is set up, asked for, and replaced by a recovery code when it is lost", async ({
  portal,
}) => {
  const { page, main } = await begin(portal);
  await expectAccessible(page);
  await main.getByRole("button", { name: "Add an authenticator app" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByAltText("QR code for the authenticator app")).toBeVisible();
  const secret = await dialog.getByLabel("Or enter this key there").inputValue();
  await expectAccessible(page);
  await dialog.getByLabel("Code the app shows now").fill("000000");
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await expect(dialog.getByLabel("Code the app shows now")).toHaveAccessibleDescription(/That was not right/);
  await dialog.getByLabel("Code the app shows now").fill(code(secret));
  await dialog.getByLabel("Name").fill("Old phone");
  await dialog.getByRole("button", { name: "Turn on" }).click();

  // Whoever has a factor now is given a way back at once.
  await expect(dialog.getByRole("heading", { name: "Recovery codes" })).toBeVisible();
  const codes = await dialog.getByRole("listitem").allTextContents();
  expect(codes).toHaveLength(10);
  await expectAccessible(page);
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe("gridkeep-recovery-codes.txt");
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await expect(main.getByText("10 codes are left.")).toBeVisible();
  await main.getByRole("button", { name: "Rename Old phone" }).click();
  await dialog.getByLabel("Name").fill("Phone");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(main.getByText("Phone", { exact: true })).toBeVisible();
  await expectAccessible(page);

  // The code that set it up is used; the next one is good already.
  await signIn(portal);
  await expectAccessible(page);
  const field = main.getByLabel("Code from your authenticator app");
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await field.fill("12");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAccessibleDescription(/That was not right/);
  // A reload forgets nothing.
  await page.reload();
  await field.fill(code(secret, 1));
  await main.getByRole("button", { name: "Continue" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  await signIn(portal);
  await main.getByRole("button", { name: "Use a recovery code" }).click();
  await main.getByLabel("Recovery code").fill(codes[0]!.toUpperCase());
  await main.getByRole("button", { name: "Continue" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("link", { name: "My account" }).click();
  await page.getByRole("link", { name: "Password and security" }).click();
  await expect(main.getByText("9 codes are left.")).toBeVisible();

  // Signed out elsewhere, while something is being typed: it stays through both steps.
  await page.getByRole("link", { name: "Groups" }).click();
  const group = main.getByLabel(/^Name\W*$/);
  await group.fill("North");
  await page.request.delete(`${portal.address}/api/session`, { headers: { "x-gridkeep": "1" } });
  await main.getByRole("button", { name: "Make the group" }).click();
  await expect(dialog.getByText("what you entered stays here")).toBeVisible();
  await dialog.getByLabel("E-mail address").fill(maker.email);
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.getByRole("button", { name: "Use a recovery code" }).click();
  await expectAccessible(page);
  await dialog.getByLabel("Recovery code").fill(codes[2]!);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(group).toHaveValue("North");
  await main.getByRole("button", { name: "Make the group" }).click();
  await expect(main.getByText("0 people")).toBeVisible();
  await page.getByRole("link", { name: "Password and security" }).click();
  await expect(main.getByText("8 codes are left.")).toBeVisible();

  // Who signed in long ago proves anew who they are, by the password and a factor. Nobody waits here: the first answer is the
  // one of then.
  await page.route(
    "**/api/account/recovery-codes",
    (route) => route.fulfill({ status: 403, json: { code: "proofRequired", status: 403, title: "Is it you?" } }),
    { times: 1 },
  );
  await main.getByRole("button", { name: "Make new codes" }).click();
  await expect(dialog.getByLabel("Password")).toBeFocused();
  await expectAccessible(page);
  await dialog.getByLabel("Password").fill(second.password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByLabel("Code from your authenticator app")).toHaveAccessibleDescription(/Enter the code/);
  await dialog.getByRole("button", { name: "Use a recovery code" }).click();
  await dialog.getByLabel("Recovery code").fill(codes[1]!);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByLabel("Password")).toHaveAccessibleDescription("This is not your password.");
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByRole("heading", { name: "Recovery codes" })).toBeVisible();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await expect(main.getByText("10 codes are left.")).toBeVisible();
  await main.getByRole("button", { name: "Remove Phone" }).click();
  await expect(dialog.getByText("It is the last one")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await expectSaid(page, "“Phone” was removed.");
  await expect(main.getByText("Your password is the only thing")).toBeVisible();

  // It was mailed, each time; the administrator of a server without mails reads it here.
  await page.goto(`${portal.address}/mails`);
  for (const subject of ["A second factor was added", "New recovery codes", "A recovery code was used"])
    await expect(page.getByText(subject, { exact: true }).first()).toBeVisible();
});

test("a passkey signs in, with the password and without", async ({ portal }) => {
  // Passkeys belong to a name, not to a number.
  const address = portal.address.replace("127.0.0.1", "localhost");
  const touch = await holdKey(portal.page);
  const { page, main } = await begin(portal, address);
  await main.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog");
  await expectAccessible(page);
  await dialog.getByLabel("Name").fill("Laptop");
  await dialog.getByRole("button", { name: "Make the passkey" }).click();
  await expect(dialog.getByRole("heading", { name: "Recovery codes" })).toBeVisible();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await expect(main.getByText("Laptop", { exact: true })).toBeVisible();
  // This device has one already.
  await main.getByRole("button", { name: "Add a passkey" }).click();
  await dialog.getByRole("button", { name: "Make the passkey" }).click();
  await expect(dialog.getByText("This device has a passkey for your account already.")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  const leave = async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await expectSaid(page, "You are signed out.");
  };
  await leave();
  await touch(false);
  await page.goto(`${address}/sign-in`);
  await expect(main.getByLabel("E-mail address")).toHaveAttribute("autocomplete", "username webauthn");
  await expectAccessible(page);
  // A browser that fills in no passkeys: where it does, that could answer before the button is pressed.
  await page.addInitScript(() => {
    if (location.hash === "#plain") PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await touch(true);
  await page.goto(`${address}/sign-in#plain`);
  await page.reload();
  await main.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  // Chosen among what the browser fills in, no button is needed.
  await leave();
  await page.goto(`${address}/sign-in`);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("link", { name: "My account" }).click();
  await page.getByRole("link", { name: "Password and security" }).click();
  await expect(main.getByText(/last used/).first()).toBeVisible();
});

test("a passkey is the second step where the password was typed", async ({ portal }) => {
  const address = portal.address.replace("127.0.0.1", "localhost");
  const { page, main } = await begin(portal, address);
  const touch = await holdKey(page);
  await main.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make the passkey" }).click();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await touch(false);
  await signIn(portal, address);
  await touch(true);
  await main.getByRole("button", { name: "Use a passkey" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
});

test("an app's door asks for the second step too", async ({ portal, visit }) => {
  const { page, main } = await begin(portal);
  await main.getByRole("button", { name: "Add an authenticator app" }).click();
  const dialog = page.getByRole("dialog");
  const secret = await dialog.getByLabel("Or enter this key there").inputValue();
  await dialog.getByLabel("Code the app shows now").fill(code(secret));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  const door = (await visit(`${portal.address}/app/018f0000-0000-7000-8000-000000000001`)).page;
  await door.getByLabel("E-mail").fill(maker.email);
  await door.getByLabel("Password").fill(maker.password);
  await door.getByRole("button", { name: "Sign in" }).click();
  await expect(door.getByRole("heading", { name: "One more step" })).toBeVisible();
  await expectAccessible(door);
  await door.getByLabel("Code from your authenticator app").fill(code(secret, 1));
  await door.getByRole("button", { name: "Continue" }).click();
  await expect(door.getByRole("heading", { level: 1 })).not.toHaveText(/not open/);
});

test("a place that asks for a second factor leads there, and opens nothing before", async ({
  portal,
  visit,
}) => {
  const { page, main } = await begin(portal);
  const setUp = async (page: Page) => {
    const main = page.getByRole("main");
    const dialog = page.getByRole("dialog");
    await main.getByRole("button", { name: "Add an authenticator app" }).click();
    const secret = await dialog.getByLabel("Or enter this key there").inputValue();
    await dialog.getByLabel("Code the app shows now").fill(code(secret));
    await dialog.getByRole("button", { name: "Turn on" }).click();
    await dialog.getByRole("button", { name: "I have saved them" }).click();
  };
  const toRules = () => page.getByRole("link", { name: "Sign-in rules" }).click();
  const policy = main.getByRole("group", { name: "Second factor" });
  await toRules();
  await policy.getByText("Any").click();
  await expect(main.getByText("so that you do not lock yourself out")).toBeVisible();
  await expect(policy.getByLabel("None")).toBeChecked();
  await page.getByRole("link", { name: "Password and security" }).click();
  await setUp(page);
  await toRules();
  await policy.getByText("Any").click();
  await expectSaid(page, "This is asked for from now on.");
  await expectAccessible(page);

  const other = (await visit(`${portal.address}/create-account`)).page;
  const guest = new Portal(other, portal.address);
  await guest.fillAccount(other.getByRole("main"), second);
  await expect(guest.heading("A second factor is asked for here")).toBeVisible();
  await expectAccessible(other);
  await other.getByRole("link", { name: "Set it up" }).click();
  await expect(other.getByRole("heading", { name: "A second factor is asked for here" })).toBeVisible();
  await setUp(other);
  await expect(other.getByRole("heading", { name: "A second factor is asked for here" })).toHaveCount(0);
  await other.goto(portal.address);
  await expect(guest.heading(`Hello, ${second.name}`)).toBeVisible();

  // They lose it: whoever runs the server takes it away, having said so twice.
  await main.getByLabel("E-mail address").fill(second.email);
  await main.getByRole("button", { name: "Remove their second factors" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText(`Remove all second factors of ${second.email}?`);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(main.getByRole("button", { name: "Remove their second factors" })).toBeFocused();
});

test("a forgotten password beside a second factor may be shorter, and the factor is still asked for", async ({
  portal,
  server,
}) => {
  const { page, main } = await begin(portal);
  await main.getByRole("button", { name: "Add an authenticator app" }).click();
  const dialog = page.getByRole("dialog");
  const secret = await dialog.getByLabel("Or enter this key there").inputValue();
  await dialog.getByLabel("Code the app shows now").fill(code(secret));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");

  await page.goto(`${portal.address}/forgot-password`);
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByRole("button").first().click();
  await page.goto(await mailedLink(server, maker.email, "new-password"));
  const field = main.getByLabel("New password");
  await expect(main.getByText("8 characters", { exact: false })).toBeVisible();
  await expectAccessible(page);
  await field.fill("mauve7");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAccessibleDescription(/8/);
  await field.fill("mauve7 kiwi");
  await page.keyboard.press("Enter");
  await expect(main.getByRole("status")).toBeVisible();
  await main.getByRole("link", { name: "Sign in" }).click();
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill("mauve7 kiwi");
  await main.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(main.getByRole("heading", { name: "One more step" })).toBeVisible();
  await main.getByLabel("Code from your authenticator app").fill(code(secret, 1));
  await main.getByRole("button", { name: "Continue" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
});
