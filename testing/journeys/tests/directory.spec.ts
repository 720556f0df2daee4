// A company's directory, as the tenant's administrators see it.
import { expect, expectAccessible, expectSaid, maker, test } from "../support/journey.ts";

const provider = { id: "018f0000-0000-7000-8000-000000000001", name: "Entra ID" };
const token = {
  id: "018f0000-0000-7000-8000-000000000002",
  provider: provider.id,
  name: "Provisioning",
  createdAt: "2026-11-01T08:00:00Z",
  usedAt: "2026-11-22T11:58:00Z",
};
const event = (number: number, method: string, status: number, subject: string, reason?: string) => ({
  id: `018f0000-0000-7000-8000-00000000001${number}`,
  provider: provider.id,
  at: `2026-11-22T11:5${number}:00Z`,
  method,
  target: subject === "Sales" ? "Groups" : "Users",
  subject,
  status,
  ...(reason ? { reason } : {}),
});

test("an administrator gives a directory a token and sees what it did", async ({ portal }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  // Without an identity provider there is nothing to give a token to.
  await page.goto(`${portal.address}/people`);
  await page.getByRole("link", { name: "Company directory" }).click();
  await expect(portal.heading("Company directory")).toBeVisible();
  await expect(page.getByLabel("Address (tenant URL)")).toHaveValue(`${portal.address}/scim/v2`);
  await expect(page.getByText("Set one up first")).toBeVisible();
  await expectAccessible(page);

  // With one: what the server would say is said for it, since setting one up is another journey.
  const tokens = [token];
  const events = [
    event(3, "PATCH", 200, "Sales"),
    event(2, "POST", 409, "twin@corp.example", "emails is taken"),
    event(1, "POST", 201, "eve@corp.example"),
  ];
  await page.route("**/api/directory", (route) =>
    route.fulfill({ json: { address: `${portal.address}/scim/v2`, providers: [provider], tokens, events } }),
  );
  let proven = false;
  await page.route("**/api/directory/tokens", (route) => {
    if (!proven) {
      proven = true;
      return route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        json: { type: "about:blank", title: "Prove", status: 403, detail: "Prove it.", code: "proofRequired" },
      });
    }
    const asked = route.request().postDataJSON() as { name: string; provider: string };
    const made = { ...token, id: `${token.id.slice(0, -1)}3`, ...asked };
    tokens.unshift(made);
    return route.fulfill({ status: 201, json: { ...made, secret: `gkd_${"0".repeat(64)}` } });
  });
  await page.reload();
  await expect(page.getByText("eve@corp.example was added")).toBeVisible();
  await expect(page.getByText("twin@corp.example was not added")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make token" }).click();
  await expect(dialog.getByText("Enter what the token is for.")).toBeVisible();
  await dialog.getByLabel("Name").fill("Okta");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Make token" }).click();
  // A proof of who asks, and on it goes.
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByText("it is never shown again")).toBeVisible();
  await expect(dialog.getByLabel("Token")).toHaveValue(/^gkd_/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Okta", { exact: true })).toBeVisible();
  await page.route("**/api/directory/tokens/*", (route) => {
    tokens.shift();
    return route.fulfill({ status: 204 });
  });
  await page.getByRole("button", { name: "End “Okta”" }).click();
  await dialog.getByRole("button", { name: "End", exact: true }).click();
  await expectSaid(page, "“Okta” is ended.");
  await expect(page.getByText("Okta", { exact: true })).toBeHidden();
});
