// Signing up and in: what is wrong is said where it is wrong, and nothing typed is lost.
import { expect, expectSaid, maker, second, test } from "../support/journey.ts";
import { Portal } from "../support/pages.ts";

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

test("an e-mail address has one account", async ({ portal, browser }) => {
  await portal.page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(portal.page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  const other = await browser.newPage({ locale: "en-GB" });
  await other.goto(`${portal.address}/create-account`);
  await new Portal(other, portal.address).fillAccount(other.getByRole("main"), { ...second, email: maker.email });
  await expect(other.getByRole("alert")).toBeVisible();
  await other.close();
});
