// Invitations: by mail with a role, declined and sent again; by a link with its QR code; by a list with bad lines.
import { readFile } from "node:fs/promises";
import { invited, workspace } from "../support/invited.ts";
import { Server, sample } from "../support/server.ts";
import { expect, expectAccessible, maker, phone, second, test } from "../support/journey.ts";

test("somebody is invited with a role and joins; somebody else declines", async ({ browser, locale }) => {
  const server = await Server.start(undefined, ["--profile", "shared"]);
  const page = await (await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })).newPage();
  const guest = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  await workspace(page, server);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");

  const invite = async (email: string) => {
    await main.getByRole("button", { name: "Invite somebody" }).click();
    await dialog.getByLabel("E-mail address").fill(email);
    await dialog.getByLabel("Role").selectOption("maker");
    await dialog.getByRole("checkbox", { name: "North" }).check();
    return dialog.getByRole("button", { name: "Send the invitation" });
  };
  const send = await invite(second.email);
  await expectAccessible(page);
  await page.screenshot({ path: "results/invite-dialog.png" });
  await send.click();
  await expect(main.getByText("1 invitation")).toBeVisible();
  await expect(main.getByText(second.email, { exact: true })).toBeVisible();

  // On a phone, with an account that is made for it.
  await guest.goto(await invited(server, second.email));
  const there = guest.getByRole("main");
  await expect(guest.getByRole("heading", { level: 1, name: "Invitation to “Acme Ltd”" })).toBeVisible();
  await expect(there.getByText("You join as: Maker.")).toBeVisible();
  await expectAccessible(guest);
  await guest.screenshot({ path: "results/invitation-phone.png", fullPage: true });
  await guest.emulateMedia({ colorScheme: "dark" });
  await guest.screenshot({ path: "results/invitation-phone-dark.png", fullPage: true });
  await guest.emulateMedia({ colorScheme: "light" });
  await there.getByLabel("Your name").fill(second.name);
  await there.getByLabel("Password").fill(second.password);
  await there.getByRole("button", { name: "Create account" }).click();
  await guest.waitForURL(`${server.address}/t/acme-ltd/`);
  await expect(guest.getByRole("heading", { name: `Hello, ${second.name}` })).toBeVisible();
  // At the root of the server they are led back to it.
  await guest.goto(server.address);
  await expect(there.getByRole("link", { name: "Acme Ltd" })).toBeVisible();
  await expect(there.getByText("You do not belong to this workspace.")).toHaveCount(0);
  await expectAccessible(guest);

  // Whoever invited sees it; another one declines, by the link alone.
  await page.reload();
  await expect(main.getByText("Accepted", { exact: true }).last()).toBeVisible();
  await (await invite("dana@example.org")).click();
  const link = await invited(server, "dana@example.org");
  const stranger = await (await browser.newContext({ locale: "de-DE", viewport: phone })).newPage();
  await stranger.goto(link);
  await stranger.getByRole("button", { name: "Ablehnen …" }).click();
  await expectAccessible(stranger);
  await stranger.screenshot({ path: "results/invitation-decline-de.png", fullPage: true });
  await stranger.getByRole("button", { name: "Ablehnen", exact: true }).click();
  await expect(stranger.getByRole("heading", { level: 1, name: "Abgelehnt" })).toBeVisible();
  await stranger.goto(link);
  await expect(stranger.getByRole("alert")).toBeVisible();
  await expect(stranger.getByText("Bitten Sie die Person, die Sie eingeladen hat")).toBeVisible();
  await expectAccessible(stranger);
  // Without an answer it may be good: it is looked at once more, the address has lost the secret by now.
  await stranger.route("**/api/accounts/invitation", (route) => route.abort(), { times: 1 });
  await stranger.goto(`${server.address}/`);
  await stranger.goto(link);
  await expect(stranger.getByRole("alert")).toContainText("Keine Verbindung");
  await stranger.getByRole("button", { name: "Noch einmal versuchen" }).click();
  await expect(stranger.getByText("Bitten Sie die Person, die Sie eingeladen hat")).toBeVisible();
  await main.getByLabel("Status").selectOption("declined");
  await expect(main.getByText("1 invitation")).toBeVisible();
  await expect(main.getByText("dana@example.org", { exact: true })).toBeVisible();
  await main.getByLabel("Status").selectOption("");
  await main.getByLabel("Name or address").fill("sam");
  await expect(main.getByText("1 invitation")).toBeVisible();
  await expectAccessible(page);

  // Sent again: not at once, and taken back.
  await main.getByLabel("Name or address").fill("");
  await (await invite("erin@example.org")).click();
  await expect(main.getByText("3 invitations")).toBeVisible();
  await main.getByRole("button", { name: "Send again : erin@example.org" }).click();
  await expect(page.getByText("It was mailed a moment ago.", { exact: false })).toBeVisible();
  await main.getByRole("button", { name: "Take back : erin@example.org" }).click();
  // Asked first: whoever thinks better of it has lost nothing.
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await main.getByRole("button", { name: "Take back : erin@example.org" }).click();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Take back" }).click();
  await expect(main.getByText("Taken back", { exact: true }).last()).toBeVisible();
  await page.screenshot({ path: "results/invitations.png", fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: "results/invitations-dark.png", fullPage: true });
  await page.setViewportSize(phone);
  await expectAccessible(page);
  await page.screenshot({ path: "results/invitations-phone-dark.png", fullPage: true });
  await server.stop();
});

test("a link with its code is handed on, and lets in who proves an address", async ({ browser, locale }) => {
  const server = await Server.start(undefined, ["--profile", "shared"]);
  const page = await (await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })).newPage();
  const guest = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  await workspace(page, server);
  const dialog = page.getByRole("dialog");

  await page.getByRole("button", { name: "Make a link" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Poster in the hall");
  await dialog.getByLabel("Only addresses of these domains").fill("example.org");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await expect(dialog.getByRole("img", { name: "QR code of the link “Poster in the hall”" })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/link-made.png" });
  const link = await dialog.getByLabel("Link", { exact: true }).inputValue();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Save the picture" }).click(),
  ]);
  expect(await readFile(await saved.path(), "utf8")).toContain("<svg");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("0 of 25 joined")).toBeVisible();

  await guest.goto(link);
  const there = guest.getByRole("main");
  await expect(guest.getByRole("heading", { level: 1, name: "Join “Acme Ltd”" })).toBeVisible();
  await there.getByLabel("E-mail address").fill("sam@elsewhere.example");
  await there.getByRole("button", { name: "Send me the link" }).click();
  await expect(there.getByRole("alert")).toContainText("other domains");
  await there.getByLabel("E-mail address").fill(second.email);
  await expectAccessible(guest);
  await guest.screenshot({ path: "results/join-phone.png", fullPage: true });
  await there.getByRole("button", { name: "Send me the link" }).click();
  await expect(there.getByRole("status")).toContainText(second.email);
  await guest.goto(await invited(server, second.email));
  await there.getByLabel("Your name").fill(second.name);
  await there.getByLabel("Password").fill(second.password);
  await there.getByRole("button", { name: "Create account" }).click();
  await guest.waitForURL(`${server.address}/t/acme-ltd/`);
  await page.reload();
  await expect(page.getByText("1 of 25 joined")).toBeVisible();
  await expect(page.getByText("By a link", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Take back : Poster in the hall" }).click();
  await dialog.getByRole("button", { name: "Take back" }).click();
  await expect(page.getByText("The link lets nobody in any more.")).toBeVisible();
  await guest.goto(link);
  await expect(guest.getByRole("alert")).toBeVisible();
  await server.stop();
});

test("a list is looked through before anything is sent", async ({ browser }) => {
  const server = await Server.start(undefined, ["--profile", "shared"]);
  const page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 } })).newPage();
  await workspace(page, server);
  // In German from here on, on a phone.
  await page.setViewportSize(phone);
  await page.getByRole("button", { name: "Deutsch" }).click();
  const card = page.getByRole("region", { name: "Eine Liste einladen" });
  await card
    .getByLabel("Personen")
    .fill("E-Mail;Name;Rolle;Gruppen\ndana@example.org;Dana;Gast;North\nerin;Erin\nfay@example.org;Fay;Chefin\n");
  await card.getByRole("button", { name: "Durchsehen" }).click();
  await expect(card.getByText("1 einzuladen, 2 mit einem Problem")).toBeVisible();
  await expect(card.getByText("Zeile 3:")).toBeVisible();
  await expect(card.getByText("ist keine Rolle.", { exact: false })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/list-phone-de.png", fullPage: true });
  expect(await server.mailed("dana@example.org", "invitation")).toBeUndefined();
  await card.getByRole("button", { name: "1 Person einladen" }).click();
  await invited(server, "dana@example.org");
  await expect(card.getByText("Im Postausgang: 1")).toBeVisible();
  await expect(page.getByText("dana@example.org", { exact: true })).toBeVisible();
  await expectAccessible(page);
  // The same list as a file, in another encoding: nobody is invited twice.
  const again = Buffer.from("Adresse;Name\ndana@example.org;D\xfcna\n", "latin1");
  await card.getByLabel("Datei wählen …").setInputFiles({ name: "leute.csv", mimeType: "text/csv", buffer: again });
  await card.getByRole("button", { name: "Durchsehen" }).click();
  await expect(card.getByText("ist schon eingeladen.")).toBeVisible();
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.screenshot({ path: "results/list-phone-de-dark.png", fullPage: true });
  await server.stop();
});

test("a list invites into one app, with what each may do there", async ({ portal, visit, server }) => {
  const { page, address } = portal;
  const link = await portal.make(sample("inventory_list.xlsx"), maker, "private", [second.email]);
  const id = new URL(link).pathname.split("/")[2] ?? "";
  await page.goto(`${address}/apps/${id}`);
  await page.getByRole("main").getByRole("link", { name: "Invitations" }).click();
  const card = page.getByRole("region", { name: "Invite a list" });
  await card
    .getByLabel("People")
    .fill("dana@example.org\nerin@example.org, view, de\nfay@example.org, boss\nSam@example.org, edit\ngil@example.org,,fr\n");
  await card.getByRole("button", { name: "Look through" }).press("Enter");
  await expect(card.getByRole("status")).toHaveText("2 to invite, 3 with a problem");
  await expect(card.getByText("Line 2: erin@example.org · Read rows. · Mail in German")).toBeVisible();
  await expect(card.getByText("Line 3: boss is no right.")).toBeVisible();
  await expect(card.getByText("Line 4: Sam@example.org is named in this app already.")).toBeVisible();
  await expect(card.getByText("Line 5: fr is no language of mails.")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/list-app.png", fullPage: true });
  expect(await server.mailed("erin@example.org", "invitation")).toBeUndefined();
  await card.getByRole("button", { name: "Invite 2 people" }).click();
  await expect(card.getByText("2 people,")).toBeVisible();
  await expect(page.getByRole("main").getByText("erin@example.org", { exact: true })).toBeVisible();
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(page.getByRole("region", { name: "Eine Liste einladen" }).getByText("Gäste dieser App")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/list-app-phone-de.png", fullPage: true });

  // What was given stands beside those whom the app named before: saving who may open it undoes none of it.
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name: "App" }).click();
  const rights = page.getByRole("region", { name: "People and rights" });
  await expect(rights.getByRole("listitem").filter({ hasText: "erin@example.org" })).toContainText("Read rows.");
  await page.getByRole("radio", { name: "Everybody with the link" }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.reload();
  await expect(rights.getByRole("listitem").filter({ hasText: "dana@example.org" })).toBeVisible();

  // By the link that was mailed: the app, to be read.
  const guest = await visit(await invited(server, "erin@example.org"));
  const there = guest.page.getByRole("main");
  await there.getByLabel("Your name").fill("Erin");
  await there.getByLabel("Password").fill(second.password);
  await there.getByRole("button", { name: "Create account" }).click();
  await guest.page.waitForURL(/\/app\//);
  await expect(guest.heading).toBeVisible();
});
