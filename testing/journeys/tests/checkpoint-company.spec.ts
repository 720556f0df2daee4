// A gate that asks for a fresh sign-in at one's own company: in a page beside the dialog, which goes on when they are back.
import { approval, guard } from "../support/gated.ts";
import { expect, expectAccessible, maker, phone, test } from "../support/journey.ts";
import { company } from "../support/provider.ts";
import { Server } from "../support/server.ts";

const cora = { email: "cora@corp.example", email_verified: true, name: "Cora Company" };

test("somebody approves on a phone by signing in anew at their company", async ({ browser, locale }) => {
  const { process, issuer } = await company({ cora });
  const server = await Server.start(undefined, ["--provider-host", "127.0.0.1:*"]);
  const { address } = server;
  const owner = await (await browser.newContext({ locale })).newPage();
  const gate = { id: "APPROVE", message: "Approve “&WHAT” for &AMOUNT?", comment: "required", methods: ["company"] };
  const { link } = await guard(owner, address, maker, [gate], approval);

  // The company, whose people are administrators here.
  const oidc = { issuer, client: "later", algorithms: ["RS256"] };
  const provider = { name: "Corp", enabled: true, settings: { rules: { newcomers: "administrator" }, oidc } };
  const headers = { "x-gridkeep": "1" };
  const made = await owner.request.post(`${address}/api/providers`, { data: provider, headers });
  const { id, redirect } = (await made.json()) as { id: string; redirect: string };
  const registered = await fetch(`${issuer}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirect] }),
  });
  const client = (await registered.json()) as { client_id: string; client_secret: string };
  const known = { ...provider, secret: client.client_secret };
  known.settings.oidc = { ...oidc, client: client.client_id };
  const changed = await owner.request.put(`${address}/api/providers/${id}`, { data: known, headers });
  expect(changed.ok(), await changed.text()).toBe(true);

  // She comes through it.
  const context = await browser.newContext({ locale, viewport: phone, hasTouch: true });
  const page = await context.newPage();
  const start = { data: { provider: id, back: "/" }, headers };
  const { location } = (await (await page.request.post(`${address}/api/company/start`, start)).json()) as { location: string };
  await page.goto(location);
  await page.getByLabel("Name").fill("cora");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { name: "Hello, Cora Company" })).toBeVisible();
  // The provider tells whole seconds: what she shows next is newer than that.
  const came = Math.floor(Date.now() / 1000);

  await page.goto(link);
  await page.getByRole("link", { name: "Hotel in Oslo" }).tap();
  const sheet = page.getByRole("dialog", { name: "Hotel in Oslo" });
  const run = sheet.getByRole("button", { name: "Approve" });
  await run.tap();
  await sheet.getByLabel("Note").fill("as agreed");
  await run.tap();
  const dialog = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });
  await expect(dialog.getByText("sign in at your company on the page that opens")).toBeVisible();
  const ok = dialog.getByRole("button", { name: "OK" });
  await expect(ok).toBeDisabled();
  await dialog.getByLabel("Comment").fill("Trade fair");
  await expectAccessible(page, { asked: true });

  /** Presses OK and says who she is on the page that opens; where the browser lets it, that closes by itself. */
  const there = async (name: string) => {
    const opened = context.waitForEvent("page");
    await ok.tap();
    const beside = await opened;
    await expect(beside.getByRole("heading", { name: "Company sign-in" })).toBeVisible();
    await expect(dialog.getByRole("link", { name: "Company sign-in" })).toBeVisible();
    await expectAccessible(page, { asked: true });
    const closed = beside.waitForEvent("close").catch(() => undefined);
    await beside.getByLabel("Name").fill(name);
    await beside.getByRole("button", { name: "Go on" }).click();
    const said = beside.getByText("You can close this page.").waitFor();
    await Promise.race([closed, said]);
    said.catch(() => undefined);
    if (!beside.isClosed()) {
      await expectAccessible(beside);
      await beside.close();
    }
    await page.bringToFront();
  };

  // Turned down there: nothing was done, and what she entered is still here.
  await there("no");
  await expect(dialog.getByRole("alert")).toContainText("You have 2 tries left");
  await expect(dialog.getByLabel("Comment")).toHaveValue("Trade fair");

  await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(came);
  await there("cora");
  await expect(dialog).toHaveCount(0);
  await expect(sheet.getByText("approved – as agreed")).toBeVisible();
  await server.stop();
  process.kill();
});
