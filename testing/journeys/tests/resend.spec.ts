// An invitation that is mailed once more: refused at first, done five minutes later, and only the newest link leads anywhere.
import { invited, workspace } from "../support/invited.ts";
import { freshDatabase, older, Server } from "../support/server.ts";
import { expect, expectAccessible, expectSaid, listen, phone, test } from "../support/journey.ts";

test("an invitation is sent again, and its first link has ended", async ({ browser, locale }, {
  project,
}) => {
  const { postgresql } = project.metadata as { postgresql: string };
  const database = await freshDatabase(postgresql);
  const server = await Server.start(database, ["--profile", "shared"]);
  const page = await (await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })).newPage();
  await page.addInitScript(listen);
  await workspace(page, server);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await main.getByRole("button", { name: "Invite somebody" }).click();
  await dialog.getByLabel("E-mail address").fill("erin@example.org");
  await dialog.getByRole("button", { name: "Send the invitation" }).click();
  await expect(main.getByText("1 invitation")).toBeVisible();
  const old = await invited(server, "erin@example.org");

  const again = main.getByRole("button", { name: "Send again : erin@example.org" });
  await again.click();
  await expectSaid(page, "It was mailed a moment ago.");
  await older(database, 6);
  await again.click();
  await expectSaid(page, "erin@example.org will be mailed again; older links have ended.");
  const newest = await invited(server, "erin@example.org", old);
  // Nothing is mailed here: without a mail server, mails wait as files.
  await expect(async () => {
    await page.reload();
    await expect(main.getByText("In the outbox", { exact: true }).last()).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(main.getByText("1 invitation")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: "results/invitation-sent-again.png", fullPage: true });

  for (const [link, leads] of [
    [old, false],
    [newest, true],
  ] as const) {
    const guest = await (await browser.newContext({ locale, viewport: phone, hasTouch: true })).newPage();
    await guest.goto(link);
    const there = guest.getByRole("main");
    await expect(
      leads ? there.getByRole("button", { name: "Create account" }) : there.getByRole("alert"),
    ).toBeVisible();
    await expect(there.getByRole("button", { name: "Create account" })).toHaveCount(leads ? 1 : 0);
    await expectAccessible(guest);
    await guest.context().close();
  }
  await server.stop();
});
