// Signing up and in: what is wrong is said where it is wrong, and nothing typed is lost.
import { expect, expectAccessible, expectSaid, maker, second, test } from "../support/journey.ts";
import { mailedLink, Portal } from "../support/pages.ts";
import { sample } from "../support/server.ts";

test("an account is made, left and entered again", async ({ portal }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await expect(page.getByText("you will be the administrator")).toBeVisible();
  const main = page.getByRole("main");

  await portal.fillAccount(main, { ...maker, email: "mara", password: "short" });
  await expect(main.getByLabel("E-mail address")).toBeFocused();
  await expect(main.getByLabel("E-mail address")).toHaveAccessibleDescription(/Enter an e-mail address/);
  await expect(main.getByLabel("Password")).toHaveAccessibleDescription(/Use at least \d+ characters/);
  await expect(main.getByLabel("Your name")).toHaveValue(maker.name);

  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();

  await page.goto(`${portal.address}/sign-in`);
  const signIn = async (password: string) => {
    await main.getByLabel("E-mail address").fill(maker.email);
    await main.getByLabel("Password").fill(password);
    await main.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("not the password at all");
  await expect(portal.alert).toHaveText(/E-mail address or password is wrong/);
  await signIn(maker.password);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
});

test("whoever wants an address that is taken is not told, its owner is", async ({ portal, browser, server }) => {
  await portal.page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(portal.page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  const other = await browser.newPage({ locale: "en-GB" });
  await other.goto(`${portal.address}/create-account`);
  const stranger = new Portal(other, portal.address);
  await stranger.fillAccount(other.getByRole("main"), { ...second, email: maker.email });
  await expect(stranger.heading(`Hello, ${second.name}`)).toBeVisible();
  await expect(other.getByText("Confirm your address: open the link in the mail to")).toBeVisible();
  await other.close();

  // Without a mail server, the administrator reads in the portal what was mailed.
  await portal.page.goto(`${portal.address}/mails`);
  await portal.page.getByLabel("Address or subject").fill("nobody at all");
  await expect(portal.page.getByText("No mail fits this.")).toBeVisible();
  await portal.page.getByLabel("Address or subject").fill("account already");
  await expectAccessible(portal.page);
  await portal.page.getByText("You have an account already").click();
  await expect(portal.page.getByText("nothing has happened to your account")).toBeVisible();
  expect(await server.mailed(maker.email, "confirm")).toBeUndefined();
});

test("a forgotten password is set anew", async ({ portal, server }) => {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByRole("button", { name: "Send the link" }).click();
  await expect(main.getByText("a link is on its way")).toBeVisible();

  await page.goto(await mailedLink(server, maker.email, "new-password"));
  await expect(portal.heading("Set a new password")).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  await main.getByLabel("New password").fill("short");
  await main.getByRole("button", { name: "Set the password" }).click();
  await expect(main.getByLabel("New password")).toHaveAccessibleDescription(/Use at least \d+ characters/);
  await main.getByLabel("New password").fill("seven violet umbrellas in march");
  await expectAccessible(page);
  await main.getByRole("button", { name: "Set the password" }).click();
  await expect(main.getByText("The new password holds.")).toBeVisible();
  await main.getByRole("link", { name: "Sign in" }).click();
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill("seven violet umbrellas in march");
  await main.getByRole("button", { name: "Sign in" }).click();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("link", { name: "My account" }).click();
  await expect(main.getByText("The address is confirmed.")).toBeVisible();
  await expectAccessible(page);
  await main.getByLabel("Your name").fill(" ");
  await main.getByRole("button", { name: "Save" }).click();
  await expect(main.getByLabel("Your name")).toBeFocused();
  await expect(main.getByLabel("Your name")).toHaveAccessibleDescription(/Enter your name/);
  await main.getByLabel("Your name").fill("Mara M. Maker");
  await main.getByRole("button", { name: "Save" }).click();
  await expectSaid(page, "Your name is saved.");
  await expect(page.getByRole("link", { name: "My account: Mara M. Maker" })).toBeVisible();
});

test("an invitation leads to the app", async ({ portal, server, visit }) => {
  await portal.make(sample("loan_calculator.xlsx"), maker, "private", [second.email]);
  const guest = await visit(await mailedLink(server, second.email, "invitation"));
  const invited = new Portal(guest.page, portal.address);
  await expect(invited.heading(/^Invitation to /)).toBeVisible();
  const main = guest.page.getByRole("main");
  await expect(main.getByLabel("E-mail address")).toHaveValue(second.email);
  await expectAccessible(guest.page);
  await main.getByLabel("Your name").fill(second.name);
  await main.getByLabel("Password").fill(second.password);
  await main.getByRole("button", { name: "Create account" }).click();
  await expect(guest.page).toHaveURL(/\/app\//);
  await expect(guest.heading).not.toHaveText(/not open|no such app/);
});

test("whoever only claims an address is sent its link once more, at the app itself", async ({ portal, server, visit }) => {
  const link = await portal.make(sample("loan_calculator.xlsx"), maker, "private", [second.email]);
  const guest = await visit(link);
  const { page } = guest;
  const main = page.getByRole("main");
  await main.getByRole("button", { name: "Create an account" }).click();
  await main.getByLabel("E-mail address").fill(second.email);
  await main.getByLabel("Your name").fill(second.name);
  await main.getByLabel("Password").fill(second.password);
  await main.getByRole("button", { name: "Create an account" }).click();
  await expect(main.getByText("Confirm your address first", { exact: false })).toBeVisible();
  const first = await mailedLink(server, second.email, "confirm");
  await main.getByRole("button", { name: "Send the link again" }).click();
  await expect(main.getByRole("status")).toContainText("A new link is on its way.");
  await expectAccessible(page);
  await page.screenshot({ path: "results/door-unconfirmed.png" });
  await expect.poll(() => server.mailed(second.email, "confirm")).not.toBe(first);
});

test("a maker invites into an app and sees who is", async ({ portal, server }) => {
  await portal.make(sample("loan_calculator.xlsx"), maker, "private", [second.email]);
  const { page } = portal;
  await page.getByRole("navigation").getByRole("link", { name: "Invitations" }).click();
  const main = page.getByRole("main");
  await expect(main.getByText(second.email, { exact: true })).toBeVisible();
  await main.getByLabel("E-mail address").fill("dana@example.org");
  await main.getByRole("button", { name: "Send the invitation" }).click();
  await expect(main.getByText("2 invitations")).toBeVisible();
  await mailedLink(server, "dana@example.org", "invitation");
  await expectAccessible(page);
  await page.screenshot({ path: "results/app-invitations.png", fullPage: true });
  await main.getByRole("button", { name: "Take back : dana@example.org" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(main.getByText("Taken back", { exact: true }).last()).toBeVisible();
});

test("a person sees where they are signed in, and signs out elsewhere", async ({ portal, visit }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  const signIn = async () => {
    const phone = (await visit(`${portal.address}/sign-in`)).page;
    await phone.getByLabel("E-mail address").fill(maker.email);
    await phone.getByLabel("Password").fill(maker.password);
    await phone.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await expect(phone.getByRole("heading", { name: `Hello, ${maker.name}` })).toBeVisible();
    return phone;
  };
  const first = await signIn();
  await signIn();
  await page.getByRole("link", { name: "My account" }).click();
  await page.getByRole("link", { name: "Devices" }).click();
  const card = page.getByRole("region", { name: "Where you are signed in" });
  await expect(card.getByRole("listitem")).toHaveCount(3);
  await expect(card.getByRole("listitem").first()).toContainText("This device");
  await expectAccessible(page);
  await card.getByRole("button", { name: /^Sign out .+ last used/ }).first().click();
  await expectSaid(page, "is signed out.");
  await expect(card.getByRole("listitem")).toHaveCount(2);
  await card.getByRole("button", { name: "Sign out everywhere else" }).click();
  const dialog = page.getByRole("dialog");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expectSaid(page, "signed out everywhere but here");
  await expect(card.getByRole("listitem")).toHaveCount(1);
  await first.goto(`${portal.address}/account`);
  await expect(first.getByText("Sign in to see your account")).toBeVisible();
});

test("where many sign in at once, people wait for their turn in sight, or leave", async ({ portal }) => {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${portal.address}/sign-in`);

  // A thousand others would take a minute of this machine: what the server answers then is answered for it.
  let turnedAway = 0;
  await page.route("**/api/session", async (route) => {
    if (route.request().method() !== "POST" || turnedAway === 2) return route.fallback();
    turnedAway += 1;
    await route.fulfill({
      status: 503,
      headers: { "content-type": "application/problem+json", "retry-after": turnedAway === 1 ? "58" : "1" },
      body: JSON.stringify({ status: 503, code: "crowded", title: "Many people sign in", detail: "Not yet." }),
    });
  });
  const enter = async () => {
    await main.getByLabel("E-mail address").fill(maker.email);
    await main.getByLabel("Password").fill(maker.password);
    await main.getByRole("button", { name: "Sign in" }).click();
  };
  await enter();
  await expect(page.getByText("It will be your turn in about 58 s")).toBeVisible();
  await expectAccessible(page, { asked: true });
  await page.getByRole("button", { name: "Do not wait" }).click();
  await expect(portal.alert).toHaveText("Not yet.");
  await expect(main.getByLabel("E-mail address")).toHaveValue(maker.email);

  await enter();
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  expect(turnedAway).toBe(2);
});

test("whoever is asked to sign in comes back, and a session that ended meanwhile loses nothing", async ({ portal }) => {
  const { page } = portal;
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");

  await page.goto(`${portal.address}/groups`);
  await expect(main.getByText("You come back to it.")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("link", { name: "Sign in" }).click();
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill(maker.password);
  await main.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(portal.heading("Groups")).toBeFocused();
  await expect(page).toHaveURL(`${portal.address}/groups`);

  // Signed out elsewhere, while something is being typed.
  await main.getByLabel(/^Name\W*$/).fill("North");
  await page.request.delete(`${portal.address}/api/session`, { headers: { "x-gridkeep": "1" } });
  await main.getByRole("button", { name: "Make the group" }).click();
  await expect(dialog.getByText("what you entered stays here")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("E-mail address").fill(maker.email);
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(main.getByLabel(/^Name\W*$/)).toHaveValue("North");
  await main.getByRole("button", { name: "Make the group" }).click();
  await expect(main.getByText("0 people")).toBeVisible();
});

test("the menu leads everywhere on a phone, by keyboard too", async ({ portal, visit }) => {
  await portal.page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(portal.page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  const storageState = await portal.page.context().storageState();
  const { page } = await visit(`${portal.address}/account`, { storageState, viewport: { width: 320, height: 640 } });
  const menu = page.getByRole("navigation", { name: "Menu" });
  const button = menu.getByRole("button", { name: /^Menu/ });
  await expect(button).toContainText("Profile");
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await expectAccessible(page);
  await page.keyboard.press("Tab");
  await expect(menu.getByRole("link", { name: "Profile" })).toBeFocused();
  await expect(menu.getByRole("link", { name: "Profile" })).toHaveAttribute("aria-current", "page");
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  await expect(menu.getByRole("link")).toHaveCount(0);
  const phone = new Portal(page, portal.address);
  for (const [name, heading] of [
    ["Devices", "Devices"],
    ["People", "People"],
    ["Sign-in rules", "Sign-in rules"],
    ["Mails", "Mails"],
  ] as const) {
    await phone.toPlace(name);
    await expect(phone.heading(heading)).toBeFocused();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await expectAccessible(page);
  }
  // At 200 % on a laptop, and just where names no longer fit.
  for (const width of [640, 900]) {
    await page.setViewportSize({ width, height: 400 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});
