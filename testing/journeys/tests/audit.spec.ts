// The log of what matters for security: what happened stands in it, is proven and verified; and who is told of it.
import { expect, expectAccessible, expectSaid, maker, second, test } from "../support/journey.ts";

test("an administrator reads the log, proves it, and lets others be told", async ({ portal }) => {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  const headers = { "x-gridkeep": "1" };
  for (const name of ["North", "South"]) {
    const made = await page.request.post(`${portal.address}/api/groups`, { data: { name }, headers });
    expect(made.status()).toBe(201);
  }

  await page.goto(`${portal.address}/account`);
  await page.getByRole("link", { name: "Log", exact: true }).click();
  await expect(portal.heading("Log")).toBeVisible();
  await expect(main.getByText("Groups: added")).toHaveCount(2);
  await expectAccessible(page);
  await main.getByText("Groups: added").first().click();
  await expect(main.getByText("No signed head covers it yet.")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Only this" }).last().click();
  await expect(main.getByText(`Only what names ${maker.name}`)).toBeVisible();
  expect(new URL(page.url()).searchParams.get("account")).toBeTruthy();
  await main.getByRole("button", { name: "Show everybody" }).click();
  await main.getByLabel("What").selectOption("Who read the log");
  await main.getByRole("button", { name: "Show", exact: true }).click();
  await expect(main.getByText("Log: read").first()).toBeVisible();
  await page.goBack();
  await expect(main.getByText("Groups: added")).toHaveCount(2);
  await main.getByRole("button", { name: "Verify the log" }).click();
  await expect(main.getByRole("heading", { name: "The log is whole" })).toBeVisible();
  await expectAccessible(page);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    main.getByRole("link", { name: "Download as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("audit.csv");

  await main.getByRole("link", { name: "Handlers" }).click();
  await expect(portal.heading("Handlers")).toBeVisible();
  await main.getByRole("button", { name: "Add a handler" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Enter a name.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Name").fill("Watch");
  await dialog.getByLabel("How").selectOption("Request (webhook)");
  await dialog.getByLabel("Address").fill("https://hooks.example/gridkeep");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText(/It is shown this once/)).toBeVisible();
  await expect(dialog.getByLabel("Secret")).toHaveValue(/^whsec_/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expect(main.getByRole("heading", { name: "Watch" })).toBeVisible();
  await main.getByRole("button", { name: "Deliveries to Watch" }).click();
  await expect(main.getByRole("list")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Remove Watch" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(main.getByText("Nobody is told yet.")).toBeVisible();
});

test("the log on a German phone in the dark", async ({ portal }) => {
  const { page } = portal;
  await page.setViewportSize({ width: 375, height: 720 });
  await page.emulateMedia({ colorScheme: "dark" });
  const main = page.getByRole("main");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  const made = await page.request.post(`${portal.address}/api/groups`, {
    data: { name: "Nord" },
    headers: { "x-gridkeep": "1" },
  });
  expect(made.status()).toBe(201);
  await page.goto(`${portal.address}/audit`);
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(portal.heading("Protokoll")).toBeVisible();
  await main.getByText("Gruppen: hinzugefügt").click();
  await expect(main.getByText("Noch kein signierter Stand umfasst sie.")).toBeVisible();
  await expectAccessible(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(375);
});

test("heads go into a bucket, and somebody is forgotten", async ({ portal, visit }) => {
  const { page, address } = portal;
  const main = page.getByRole("main");
  await page.goto(`${address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  const headers = { "x-gridkeep": "1" };

  // An object store by name and key; what is missing is said where it is missing.
  await page.goto(`${address}/handlers`);
  await main.getByRole("button", { name: "Add a handler" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("How").selectOption("Bucket (S3)");
  await dialog.getByLabel(/^Name/).fill("Vault");
  await dialog.getByRole("button", { name: "Save" }).click();
  for (const words of ["Enter a region.", "Enter the ID of the access key.", "Enter the secret access key."])
    await expect(dialog.getByText(words)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Address of the folder").fill("https://heads.example/gridkeep/");
  await dialog.getByLabel("Region").fill("eu-central-1");
  await dialog.getByLabel("Access key ID").fill("AKIA1");
  await dialog.getByLabel("Secret access key").fill("secret");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("Bucket (S3): https://heads.example/gridkeep")).toBeVisible();
  await main.getByRole("button", { name: "Change Vault" }).click();
  await expect(dialog.getByLabel("Secret access key")).toHaveAccessibleDescription(/Leave this empty/);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await main.getByText("Where the newest have come to").click();
  await expect(main.getByText("No head was signed in the last 30 days.")).toBeVisible();
  await expectAccessible(page);

  // Somebody who did something, and is then forgotten.
  const other = await visit(`${address}/`, { viewport: { width: 1280, height: 800 } });
  const invited = await page.request.post(`${address}/api/invitations`, {
    data: { email: second.email, role: "administrator" },
    headers,
  });
  expect(invited.status(), await invited.text()).toBeLessThan(300);
  await other.page.request.post(`${address}/api/accounts`, { data: second, headers });
  const people = (await (await page.request.get(`${address}/api/people`)).json()) as {
    people: { id: string; email: string }[];
  };
  const own = people.people.find(({ email }) => email === second.email);
  expect(own).toBeTruthy();
  await page.request.patch(`${address}/api/people/${own?.id}`, { data: { role: "administrator" }, headers });
  const made = await other.page.request.post(`${address}/api/groups`, { data: { name: "North" }, headers });
  expect(made.status(), await made.text()).toBe(201);

  await page.goto(`${address}/people`);
  await main.getByRole("button", { name: new RegExp(`^Change.*${second.name}`) }).click();
  await dialog.getByRole("link", { name: "What the log says of them" }).click();
  await expect(main.getByText("Groups: added")).toBeVisible();
  await main.getByRole("button", { name: "Erase personal values" }).click();
  await expect(dialog.getByText(/This cannot be undone/)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Erase for good" }).click();
  await expectSaid(page, "are erased");
  await expect(main.getByText("Nothing fits.")).toBeVisible();
  await main.getByRole("button", { name: "Show everybody" }).click();
  const row = main.getByRole("listitem").filter({ hasText: "Groups: added" });
  await expect(row).toContainText("erased");
  await expect(row).not.toContainText(second.name);
  await main.getByRole("button", { name: "Verify the log" }).click();
  await expect(main.getByRole("heading", { name: "The log is whole" })).toBeVisible();
});
