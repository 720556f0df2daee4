// A program on the person's own machine asks for access, is let in, and is shown out again.
import { expect, expectAccessible, expectSaid, maker, test } from "../support/journey.ts";
import { Program, question, verifier } from "../support/program.ts";

test("a program is let in, seen and shown out", async ({ portal, server }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expectSaid(page, "You are signed out.");

  const program = await Program.start();
  await page.goto(question(portal.address, program.redirect, "read write"));
  await expect(portal.heading("Gridkeep asks for access")).toBeVisible();
  const main = page.getByRole("main");
  await expectAccessible(page);
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill(maker.password);
  await main.getByRole("button", { name: "Sign in" }).click();
  await expect(main.getByText("add, change and delete rows in them")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Allow", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Back in the program" })).toBeVisible();
  const answer = await program.answer;
  expect(answer.get("state")).toBe("a state & more");
  expect(answer.get("iss")).toBe(server.address);
  program.stop();

  // From here on as a program does it, without a browser.
  const post = (path: string, fields: Record<string, string>) =>
    fetch(`${server.address}${path}`, { method: "POST", body: new URLSearchParams(fields) });
  const client_id = "gridkeep";
  const metadata = await (await fetch(`${server.address}/.well-known/oauth-authorization-server`)).json();
  expect(metadata.token_endpoint).toBe(`${server.address}/oauth/token`);
  const code = answer.get("code") ?? "";
  const redeemed = await post("/oauth/token", {
    grant_type: "authorization_code",
    client_id,
    code,
    code_verifier: verifier,
    redirect_uri: program.redirect,
  });
  expect(redeemed.status).toBe(200);
  let tokens = await redeemed.json();
  const apps = () =>
    fetch(`${server.address}/api/apps`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  expect((await apps()).status).toBe(200);
  const { refresh_token } = tokens;
  tokens = await (await post("/oauth/token", { grant_type: "refresh_token", client_id, refresh_token })).json();
  expect((await apps()).status).toBe(200);

  await page.goto(`${portal.address}/account/devices`);
  const card = page.getByRole("region", { name: "Where you are signed in" });
  const place = card.getByRole("listitem").filter({ hasText: "Program, reads and changes" });
  await expect(place).toContainText("Gridkeep");
  await expectAccessible(page);
  await place.getByRole("button", { name: /^Sign out/ }).click();
  await expectSaid(page, "is signed out.");
  expect((await apps()).status).toBe(401);
});

test("nobody is sent anywhere but to the program, and may say no", async ({ portal }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.goto(question(portal.address, "https://evil.example/callback", "read"));
  await expect(portal.alert).toContainText("Do not go on");
  await expectAccessible(page);
  expect(new URL(page.url()).origin).toBe(portal.address);

  const asked = await Program.start();
  await page.goto(question(portal.address, asked.redirect, "read"));
  await page.getByRole("button", { name: "Do not allow" }).click();
  await expect(page.getByRole("heading", { name: "Back in the program" })).toBeVisible();
  expect((await asked.answer).get("error")).toBe("access_denied");
  asked.stop();

  const wrong = await Program.start();
  await page.goto(question(portal.address, wrong.redirect, "everything"));
  await expect(page.getByRole("heading", { name: "Back in the program" })).toBeVisible();
  expect((await wrong.answer).get("error")).toBe("invalid_scope");
  wrong.stop();
});

test("who runs the server registers programs", async ({ portal }) => {
  const { page } = portal;
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.getByRole("link", { name: "My account" }).click();
  await page.getByRole("link", { name: "Programs" }).click();
  const main = page.getByRole("main");
  await main.getByRole("button", { name: "Register" }).click();
  await expect(main.getByLabel("Name")).toBeFocused();
  await main.getByLabel("Name").fill("Reports");
  await main.getByLabel("Addresses for answers").fill("http://reports.example/");
  await main.getByRole("button", { name: "Register" }).click();
  await expect(portal.alert).toContainText("Answers may go to https addresses");
  await main.getByLabel("Addresses for answers").fill("https://reports.example/back");
  await main.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("region", { name: "Reports" })).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Remove “Reports”" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expectSaid(page, "“Reports” is removed.");
});
