// A company whose people come in through it alone: switched on by an owner, met by a member, and broken like glass.
import { NameServer } from "../support/names.ts";
import { Portal } from "../support/pages.ts";
import { company, openProvider, proveDomain } from "../support/provider.ts";
import { Server } from "../support/server.ts";
import { holdKey } from "../support/authenticator.ts";
import {
  expect,
  expectAccessible,
  expectSaid,
  listen,
  maker,
  phone,
  second,
  test,
} from "../support/journey.ts";

const people = {
  sam: { email: second.email, email_verified: true, name: second.name },
};

test("people of a domain come through their company, and its owner in spite of it", async ({
  browser,
  locale,
}) => {
  const names = await NameServer.start();
  const { process, issuer } = await company(people);
  const server = await Server.start(undefined, [
    "--provider-host",
    "127.0.0.1:*",
    "--name-server",
    names.address,
  ]);
  // Passkeys belong to a name, not to a number; companies send people back to the number.
  const address = server.address.replace("127.0.0.1", "localhost");
  const page = await (await browser.newContext({ locale, viewport: { width: 1280, height: 900 } })).newPage();
  await page.addInitScript(listen);
  const touch = await holdKey(page);
  const portal = new Portal(page, address);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await page.goto(`${address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await openProvider(page.request, address, issuer);
  await proveDomain(page.request, address, names, "example.org");

  // A member with a password of their own is in already, on a phone.
  const theirs = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  const there = theirs.getByRole("main");
  const guest = new Portal(theirs, server.address);
  await theirs.goto(`${server.address}/create-account`);
  await guest.fillAccount(there, second);
  await expect(guest.heading(`Hello, ${second.name}`)).toBeVisible();

  // It is not switched on before somebody could break the glass.
  await page.goto(`${address}/providers`);
  const required = main.getByRole("switch", { name: "Only through the company" });
  await required.click();
  await expect(main.getByText("passkey", { exact: false }).last()).toBeVisible();
  await expect(required).not.toBeChecked();
  await expect(required).toHaveAccessibleDescription(/owner/);
  await expectAccessible(page);
  await page.goto(`${address}/account/security`);
  await main.getByRole("button", { name: "Add a passkey" }).click();
  await dialog.getByLabel("Name").fill("Laptop");
  await dialog.getByRole("button", { name: "Make the passkey" }).click();
  await dialog.getByRole("button", { name: "I have saved them" }).click();
  await page.goto(`${address}/providers`);
  await required.click();
  await expectSaid(page, "People of example.org come in through the company from now on.");
  await expect(required).toBeChecked();
  await expectAccessible(page);
  await page.screenshot({ path: "results/company-required.png", fullPage: true });

  // Whoever is in by a password is sent to the company, and gets in there.
  await theirs.goto(server.address);
  await expect(guest.heading("Come in through your company")).toBeVisible();
  await expectAccessible(theirs);
  await theirs.screenshot({ path: "results/company-required-phone.png", fullPage: true });
  await there.getByRole("link", { name: "Go to the company’s sign-in" }).click();
  await expect(
    there.getByText("People with such an address come in here through their company."),
  ).toBeVisible();
  await expectAccessible(theirs);
  await there.getByLabel(/^Your address at the company/).fill(second.email);
  await there.getByRole("button", { name: "Go on" }).click();
  await theirs.getByLabel("Name").fill("sam");
  await theirs.getByRole("button", { name: "Go on" }).click();
  await expect(guest.heading(`Hello, ${second.name}`)).toBeVisible();

  // So is whoever enters their password: the address is known already.
  const other = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  await other.goto(`${server.address}/sign-in`);
  const elsewhere = other.getByRole("main");
  await elsewhere.getByLabel("E-mail address").fill(second.email);
  await elsewhere.getByLabel("Password").fill(second.password);
  await elsewhere.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByRole("heading", { name: "Company sign-in" })).toBeVisible();
  await other.getByLabel("Name").fill("sam");
  await other.getByRole("button", { name: "Go on" }).click();
  await expect(other.getByRole("heading", { name: `Hello, ${second.name}` })).toBeVisible();

  // The owner's password leads there too; their passkey breaks the glass.
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");
  await touch(false);
  await page.goto(`${address}/sign-in`);
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill(maker.password);
  await main.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Company sign-in" })).toBeVisible();
  // Their device offers it among what the browser fills in.
  await touch(true);
  await page.goto(`${address}/sign-in`);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.goto(`${address}/providers`);
  await required.click();
  await expectSaid(page, "People of example.org can come in by themselves again.");
  await expect(required).not.toBeChecked();

  await names.stop();
  process.kill();
  await server.stop();
});
