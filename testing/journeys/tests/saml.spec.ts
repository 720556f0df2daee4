// A company's provider that speaks SAML: set up by its metadata, tried, gone through, and asked anew who somebody is.
import { NameServer } from "../support/names.ts";
import { Portal } from "../support/pages.ts";
import { SamlProvider } from "../support/saml.ts";
import { Server } from "../support/server.ts";
import { expect, expectAccessible, maker, phone, test } from "../support/journey.ts";

test("people sign in with a company that speaks SAML", async ({ browser, locale }) => {
  if (!SamlProvider.isHere()) {
    console.log("skipped: pysaml2 or xmlsec1 is absent");
    return;
  }
  const [names, provider] = [await NameServer.start(), await SamlProvider.start()];
  const server = await Server.start(undefined, ["--name-server", names.address]);
  const page = await (await browser.newContext({ locale, viewport: { width: 1280, height: 900 } })).newPage();
  const portal = new Portal(page, server.address);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await page.goto(`${server.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  // By its metadata. What is missing is said where it is missing.
  await page.goto(`${server.address}/providers`);
  await main.getByRole("button", { name: "Add SAML provider" }).click();
  const form = main.locator("form").first();
  await form.getByRole("button", { name: "Add SAML provider" }).click();
  await expect(form.getByText("Enter what people are to read.")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-form.png", fullPage: true });
  await form.getByLabel(/^Name\W*$/).fill("Corp SAML");
  await form.getByRole("button", { name: "Add SAML provider" }).click();
  await expect(main.getByText("Nothing yet: upload its metadata file.")).toBeVisible();

  // Without it nobody could come in: it is not opened.
  await main.getByRole("button", { name: "Change Corp SAML" }).click();
  await dialog.getByLabel("Whoever comes for the first time becomes").selectOption("administrator");
  await dialog.getByRole("switch", { name: "People may come in this way" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Upload its metadata file first.");
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-open-refused.png", fullPage: true });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  const file = { name: "metadata.xml", mimeType: "application/xml", buffer: Buffer.from(provider.metadata) };
  await main.locator("input[type=file]").setInputFiles(file);
  await main.getByRole("button", { name: "Upload" }).click();
  await expect(main.getByText(`${provider.origin}/sso`)).toBeVisible();
  await main.getByRole("button", { name: "Change Corp SAML" }).click();
  await dialog.getByLabel("Whoever comes for the first time becomes").selectOption("administrator");
  await dialog.getByRole("switch", { name: "People may come in this way" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("People come in this way")).toBeVisible();
  await provider.know(await main.getByLabel("Entity ID and metadata address").inputValue());

  // What people are known by: something that lasts.
  await main.getByLabel("People are known by").selectOption("attribute");
  await main.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("Enter the name of the attribute.")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-subject.png", fullPage: true });
  await main.getByLabel("People are known by").selectOption("name");

  // Tried, before anybody comes.
  await main.getByRole("button", { name: "Test Corp SAML" }).click();
  await page.getByRole("button", { name: "Continue as Ada" }).click();
  await expect(main.getByText("They would be: Administrator.")).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize(phone);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-phone-dark.png", fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });

  // Its domain, and that its people come this way only: not before an owner could come in without it.
  await main.getByLabel(/^Domain\W*$/).fill("example.com");
  await main.getByRole("button", { name: "Add domain" }).click();
  await names.says("example.com", await main.getByLabel(/^Text record/).inputValue());
  await main.getByRole("button", { name: "Look for the record of example.com" }).click();
  await expect(main.getByText("Proven", { exact: true })).toBeVisible();
  await main.getByRole("switch", { name: "Only through the company" }).check();
  await expect(main.getByText(/owners come in with a passkey/)).toBeVisible();
  await expect(main.getByRole("switch", { name: "Only through the company" })).not.toBeChecked();
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-required.png", fullPage: true });

  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(main.getByRole("switch", { name: "Nur über die Firma" })).toBeVisible();
  await page.setViewportSize(phone);
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-german-phone.png", fullPage: true });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("button", { name: "English" }).click();

  // Somebody from there, who signed in there a while ago.
  const hers = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
  const there = hers.getByRole("main");
  const earlier = Math.floor(Date.now() / 1000) - 3_000;
  await hers.route(`${provider.origin}/sso?*`, (route) =>
    route.continue({ url: `${route.request().url()}&instant=${earlier}` }),
  );
  await hers.goto(`${server.address}/sign-in?company=required`);
  await expect(there.getByText("come in here through their company")).toBeVisible();
  await there.getByLabel(/^Your address at the company/).fill("ada@example.com");
  await there.getByRole("button", { name: "Go on" }).click();
  await hers.getByRole("button", { name: "Continue as Ada" }).click();
  await expect(hers.getByRole("heading", { name: "Hello, Ada Example" })).toBeVisible();
  await hers.unroute(`${provider.origin}/sso?*`);

  // She has no password here: the company is asked anew.
  await hers.goto(`${server.address}/providers`);
  await there.getByLabel(/^Domain\W*$/).fill("second.example");
  await there.getByRole("button", { name: "Add domain" }).click();
  await expect(hers.getByRole("dialog").getByText("Your company confirms that it is you")).toBeVisible();
  await expectAccessible(hers);
  await hers.screenshot({ path: "results/saml-prove.png" });
  await hers.getByRole("button", { name: "Confirm at your company" }).click();
  await hers.getByRole("button", { name: "Continue as Ada" }).click();
  await expect(hers.getByText("Confirmed at your company.")).toBeVisible();
  await there.getByLabel(/^Domain\W*$/).fill("second.example");
  await there.getByRole("button", { name: "Add domain" }).click();
  await expect(there.getByText("second.example")).toBeVisible();

  // Removed, and let in again.
  await page.goto(`${server.address}/people`);
  await main.getByRole("button", { name: /Ada Example/ }).click();
  await dialog.getByRole("button", { name: /Remove/ }).click();
  await page.getByRole("button", { name: /Remove/ }).last().click();
  await page.goto(`${server.address}/providers`);
  await expect(main.getByRole("heading", { name: "Removed people" })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/saml-removed.png", fullPage: true });
  await main.getByRole("button", { name: "Let in again: Ada Example" }).click();
  await expect(main.getByRole("heading", { name: "Removed people" })).toHaveCount(0);

  await names.stop();
  await provider.stop();
  await server.stop();
});
