// A company's own sign-in: set up and tested in the portal, found by somebody's address, and gone through.
import { NameServer } from "../support/names.ts";
import { Portal } from "../support/pages.ts";
import { company } from "../support/provider.ts";
import { Server } from "../support/server.ts";
import { expect, expectAccessible, maker, phone, test } from "../support/journey.ts";

const people = {
  cora: {
    email: "cora@corp.example",
    email_verified: true,
    name: "Cora Company",
    groups: ["makers"],
    region: "North",
  },
  mia: { email: "mia@corp.example", email_verified: true, name: "Mia at Corp" },
};
/** She was here before her company was. */
const owner = { ...maker, email: people.mia.email };

test("people sign in with their company", async ({ browser, locale }) => {
  const names = await NameServer.start();
  const { process, issuer } = await company(people);
  const server = await Server.start(undefined, ["--provider-host", "127.0.0.1:*", "--name-server", names.address]);
  const page = await (await browser.newContext({ locale, viewport: { width: 1280, height: 900 } })).newPage();
  const portal = new Portal(page, server.address);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.address}/create-account`);
  await portal.fillAccount(main, owner);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  // A provider is added; where its answers go is told, and entered there.
  await page.goto(`${server.address}/account`);
  await page.getByRole("link", { name: "Identity providers" }).click();
  await expect(main.getByText("There is none yet.")).toBeVisible();
  await main.getByRole("button", { name: "Add a provider" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Enter a name.")).toBeVisible();
  await dialog.getByLabel(/^Name\W*$/).fill("Corp login");
  await dialog.getByLabel(/^Address of the provider/).fill(issuer);
  await dialog.getByLabel(/^Client ID/).fill("later");
  await dialog.getByRole("button", { name: "Add a line" }).click();
  await dialog.getByLabel("Group at the provider").fill("makers");
  await dialog.getByLabel("Means here").selectOption("role:maker");
  await dialog.getByRole("button", { name: "Add what is known" }).click();
  await dialog.getByLabel("Called here").fill("Region");
  await dialog.getByLabel("Claim at the provider").fill("region");
  await dialog.getByRole("switch", { name: "People may come in this way" }).check();
  await expectAccessible(page);
  await page.screenshot({ path: "results/company-form.png", fullPage: true });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("People come in this way")).toBeVisible();
  const redirect = await main.getByLabel(/^Redirect address/).inputValue();
  const answer = await fetch(`${issuer}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirect] }),
  });
  const client = (await answer.json()) as { client_id: string; client_secret: string };
  await main.getByRole("button", { name: "Change Corp login" }).click();
  await dialog.getByLabel(/^Client ID/).fill(client.client_id);
  await dialog.getByLabel("Client secret").fill(client.client_secret);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);

  // The test shows what would happen, and nobody comes of it.
  await main.getByRole("button", { name: "Test Corp login" }).click();
  await page.getByLabel("Name").fill("cora");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(main.getByText("They would be: Maker.")).toBeVisible();
  await expect(main.getByText("Region would be North.")).toBeVisible();
  await expect(main.getByText("cora@corp.example would not count as proven")).toBeVisible();
  await main.getByText("What the provider said").click();
  await expect(main.getByText('"sub": "cora"')).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/company-test.png", fullPage: true });

  // The domain is proven by its record.
  await main.getByLabel(/^Domain\W*$/).fill("corp.example");
  await main.getByRole("button", { name: "Add domain" }).click();
  const record = await main.getByLabel(/^Text record/).inputValue();
  await main.getByRole("button", { name: "Look for the record of corp.example" }).click();
  await expect(main.getByRole("alert")).toContainText("does not have that text record");
  await names.says("corp.example", record);
  await main.getByRole("button", { name: "Look for the record of corp.example" }).click();
  await expect(main.getByText("Proven", { exact: true })).toBeVisible();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(phone);
  await expectAccessible(page);
  await page.screenshot({ path: "results/company-phone-dark.png", fullPage: true });

  // Somebody from there, on a phone: the address leads to the company and back.
  const hers = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  const there = hers.getByRole("main");
  await hers.goto(`${server.address}/sign-in`);
  await there.getByRole("button", { name: "Use your company’s sign-in" }).click();
  await there.getByLabel(/^Your address at the company/).fill("cora@nowhere.example");
  await there.getByRole("button", { name: "Go on" }).click();
  await expect(there.getByText("No company has set up its sign-in here")).toBeVisible();
  await expectAccessible(hers);
  await hers.screenshot({ path: "results/company-sign-in.png", fullPage: true });
  await there.getByLabel(/^Your address at the company/).fill("cora@corp.example");
  await there.getByRole("button", { name: "Go on" }).click();
  await expect(hers.getByRole("heading", { name: "Company sign-in" })).toBeVisible();
  await hers.getByLabel("Name").fill("no");
  await hers.getByRole("button", { name: "Go on" }).click();
  await expect(there.getByText("You said no at your company")).toBeVisible();
  await there.getByRole("button", { name: "Use your company’s sign-in" }).click();
  await there.getByLabel(/^Your address at the company/).fill("cora@corp.example");
  await there.getByRole("button", { name: "Go on" }).click();
  await hers.getByLabel("Name").fill("cora");
  await hers.getByRole("button", { name: "Go on" }).click();
  await expect(hers.getByRole("heading", { name: "Hello, Cora Company" })).toBeVisible();
  await hers.goto(`${server.address}/account`);
  await expect(there.getByText("You came through your company")).toBeVisible();
  await expect(there.getByText("cora@corp.example")).toBeVisible();
  await expectAccessible(hers);
  await hers.screenshot({ path: "results/company-account.png", fullPage: true });

  // Whose address somebody here has already is asked whether they are the same, and then they are.
  const mias = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  const place = mias.getByRole("main");
  const throughCompany = async () => {
    await mias.goto(`${server.address}/sign-in?to=/people`);
    await place.getByRole("button", { name: "Use your company’s sign-in" }).click();
    await place.getByLabel(/^Your address at the company/).fill(owner.email);
    await place.getByRole("button", { name: "Go on" }).click();
  };
  await throughCompany();
  await mias.getByLabel("Name").fill("mia");
  await mias.getByRole("button", { name: "Go on" }).click();
  await expect(place.getByText("there is an account with your address already")).toBeVisible();
  await expectAccessible(mias);
  await mias.screenshot({ path: "results/company-twin.png", fullPage: true });
  await place.getByLabel("E-mail address").fill(owner.email);
  await place.getByLabel("Password").fill(owner.password);
  await place.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(mias.getByText("From now on you can sign in through your company too.")).toBeVisible();
  await mias.getByRole("button", { name: "Sign out" }).click();
  await throughCompany();
  await expect(mias).toHaveURL(`${server.address}/people`);
  await expect(place.getByText(owner.email)).toBeVisible();

  // She is signed out while she types something; her company lets her in again, in another tab.
  await mias.goto(`${server.address}/groups`);
  await place.getByLabel(/^Name\W*$/).fill("North");
  await mias.request.delete(`${server.address}/api/session`, { headers: { "x-gridkeep": "1" } });
  await place.getByRole("button", { name: "Make the group" }).click();
  const ended = mias.getByRole("dialog");
  const opened = mias.waitForEvent("popup");
  await ended.getByRole("link", { name: "Sign in through your company, in another tab" }).click();
  const tab = await opened;
  await tab.getByLabel(/^Your address at the company/).fill(owner.email);
  await tab.getByRole("button", { name: "Go on" }).click();
  await expect(tab.getByRole("heading", { name: `Hello, ${owner.name}` })).toBeVisible();
  await tab.close();
  await mias.bringToFront();
  await mias.evaluate(() => window.dispatchEvent(new FocusEvent("focus")));
  await expect(ended).toHaveCount(0);
  await expect(place.getByLabel(/^Name\W*$/)).toHaveValue("North");

  await names.stop();
  process.kill();
  await server.stop();
});
