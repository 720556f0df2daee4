// Several workspaces on one server: made, lived in, ruled over, ended.
import { Portal } from "../support/pages.ts";
import { Server, sample } from "../support/server.ts";
import {
  expect,
  expectAccessible,
  maker,
  phone,
  second,
  test,
} from "../support/journey.ts";

test("a workspace is made, has people and groups, and ends", async ({
  browser,
  locale,
}) => {
  const server = await Server.start(undefined, ["--profile", "shared"]);
  const page = await (
    await browser.newContext({ locale, viewport: phone })
  ).newPage();
  const other = await (await browser.newContext({ locale })).newPage();
  const portal = new Portal(page, server.address);
  const main = page.getByRole("main");

  await page.goto(`${server.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  // Somebody who came by themselves belongs to nothing yet.
  const theirs = new Portal(other, server.address);
  await other.goto(`${server.address}/create-account`);
  await theirs.fillAccount(other.getByRole("main"), second);
  await expect(
    other.getByText("You do not belong to this workspace."),
  ).toBeVisible();
  await expect.poll(() => server.mailed(second.email, "confirm")).toBeTruthy();
  await other.goto((await server.mailed(second.email, "confirm")) ?? "");
  await other
    .getByRole("button")
    .filter({ hasText: /confirm/i })
    .first()
    .click();

  await page.goto(`${server.address}/account`);
  await portal.toPlace("Workspaces");
  await main.getByLabel(/^Name\W*$/).fill("Acme Ltd");
  await expectAccessible(page);
  await main.getByRole("button", { name: "Make the workspace" }).click();
  await page.waitForURL(`${server.address}/t/acme-ltd/`);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  // It is called something else from now on, wherever it is named.
  await page.goto(`${server.address}/t/acme-ltd/workspaces`);
  await main.getByRole("button", { name: "Rename" }).click();
  await page
    .getByRole("dialog")
    .getByLabel(/^Name\W*$/)
    .fill("");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(
    page.getByRole("dialog").getByText("Enter a name."),
  ).toBeVisible();
  await page
    .getByRole("dialog")
    .getByLabel(/^Name\W*$/)
    .fill("Acme & Sons");
  await expectAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("Acme & Sons")).toBeVisible();
  await expect(page.getByRole("banner").getByText("Acme & Sons")).toBeVisible();

  // People: added, given a group and an attribute.
  await page.goto(`${server.address}/t/acme-ltd/groups`);
  await main.getByLabel(/^Name\W*$/).fill("North");
  await main.getByRole("button", { name: "Make the group" }).click();
  await expect(main.getByText("0 people")).toBeVisible();
  await portal.toPlace("People");
  await expect(page).toHaveURL(`${server.address}/t/acme-ltd/people`);
  await expect(main.getByText("1 person")).toBeVisible();
  // Invited, and joins with the account that is there.
  await main.getByRole("link", { name: "Invite somebody" }).click();
  await main.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail address").fill(second.email);
  await dialog.getByLabel("Role").selectOption("maker");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Send the invitation" }).click();
  await expect
    .poll(() => server.mailed(second.email, "invitation"))
    .toBeTruthy();
  await other.goto((await server.mailed(second.email, "invitation")) ?? "");
  await other.getByRole("button", { name: "Accept" }).click();
  await other.waitForURL(`${server.address}/t/acme-ltd/`);
  await page.goto(`${server.address}/t/acme-ltd/people`);
  await expect(main.getByText("2 people")).toBeVisible();
  await main.getByRole("button", { name: `Change : ${second.name}` }).click();
  await dialog.getByRole("checkbox", { name: "North" }).check();
  await dialog.getByLabel("What is known").fill("Region: North");
  await expectAccessible(page);
  await page.screenshot({ path: "results/workspaces-person.png" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("Region: North")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({
    path: "results/workspaces-people.png",
    fullPage: true,
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.reload();
  await expect(main.getByText("Region: North")).toBeVisible();
  await page.screenshot({ path: "results/workspaces-people-dark.png" });

  // Looked for by what they are; the address says so, and can be handed on.
  await main.getByLabel("Group", { exact: true }).selectOption("North");
  await expect(main.getByText("1 person")).toBeVisible();
  await expect(
    main.getByText(`invited by ${maker.name}`, { exact: false }),
  ).toBeVisible();
  await expect(main.getByText("Last here", { exact: false })).toBeVisible();
  await expect(page).toHaveURL(/\/people\?group=[\da-f-]+$/);
  await page.reload();
  await expect(main.getByText("1 person")).toBeVisible();
  await main.getByLabel("Role", { exact: true }).selectOption("owner");
  await expect(main.getByText("Nobody fits this.")).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Show all" }).click();
  await expect(main.getByText("2 people")).toBeVisible();
  await main.getByLabel("Sorted by").selectOption("Joined last");
  await expect(main.getByRole("listitem").first()).toContainText(second.name);
  await expect(page).toHaveURL(
    `${server.address}/t/acme-ltd/people?sort=newest`,
  );
  await page.getByRole("link", { name: "People", exact: true }).click();
  await expect(main.getByRole("listitem").first()).toContainText(maker.name);

  // A group's people are seen and changed where the group is; it goes only when that is said twice.
  await page.getByRole("link", { name: "Groups", exact: true }).click();
  await main.getByRole("button", { name: "Change : North" }).click();
  await expect(dialog.getByText(second.email)).toBeVisible();
  await dialog.getByLabel("Add somebody").fill("mara");
  await dialog.getByRole("button", { name: `Add : ${maker.name}` }).click();
  await expect(dialog.getByText("2 people")).toBeVisible();
  await expect(dialog.getByText("Nobody fits this")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: `Remove : ${second.name}` }).click();
  await expect(dialog.getByText("1 person")).toBeVisible();
  await dialog.getByRole("button", { name: "Remove the group" }).click();
  await expect(
    dialog.getByRole("heading", { name: "Remove the group “North”?" }),
  ).toBeFocused();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toHaveCount(0);
  await main.getByRole("link", { name: "1 person : North" }).click();
  await expect(main.getByRole("listitem")).toHaveCount(1);
  await expect(main.getByRole("listitem")).toContainText(maker.name);

  // Two administrators at once: what one changes, the other does not undo.
  await page.getByRole("link", { name: "Groups", exact: true }).click();
  for (const name of ["South", "East"]) {
    await main.getByLabel(/^Name\W*$/).fill(name);
    await main.getByRole("button", { name: "Make the group" }).click();
    await expect(
      main.getByRole("button", { name: `Change : ${name}` }),
    ).toBeVisible();
  }
  await portal.toPlace("People");
  await main.getByRole("button", { name: `Change : ${second.name}` }).click();
  await dialog.getByLabel("Role").selectOption("administrator");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole("link", { name: "Groups", exact: true }).click();
  await main.getByRole("button", { name: "Change : North" }).click();
  await dialog.getByLabel("Add somebody").fill(second.email);
  await expect(
    dialog.getByRole("button", { name: `Add : ${second.name}` }),
  ).toBeVisible();

  const [otherMain, otherDialog] = [
    other.getByRole("main"),
    other.getByRole("dialog"),
  ];
  await other.goto(`${server.address}/t/acme-ltd/groups`);
  await otherMain.getByRole("button", { name: "Change : South" }).click();
  await otherDialog.getByLabel("Add somebody").fill(second.email);
  await otherDialog
    .getByRole("button", { name: `Add : ${second.name}` })
    .click();
  await expect(otherDialog.getByText("1 person")).toBeVisible();
  await dialog.getByRole("button", { name: `Add : ${second.name}` }).click();
  await expect(dialog.getByText("2 people")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();

  await portal.toPlace("People");
  await main.getByRole("button", { name: `Change : ${second.name}` }).click();
  await expect(dialog.getByRole("checkbox", { checked: true })).toHaveCount(2);
  await otherDialog
    .getByRole("button", { name: `Remove : ${second.name}` })
    .click();
  await expect(otherDialog.getByText("0 people")).toBeVisible();
  await dialog.getByRole("checkbox", { name: "East" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await main.getByRole("button", { name: `Change : ${second.name}` }).click();
  for (const [name, within] of Object.entries({
    North: true,
    South: false,
    East: true,
  }))
    await expect(dialog.getByRole("checkbox", { name })).toBeChecked({
      checked: within,
    });
  await dialog.getByRole("button", { name: "Cancel" }).click();

  // A maker makes an app there; links stay with the workspace.
  await other.goto(`${server.address}/t/acme-ltd/`);
  await other.setInputFiles("input[type=file]", sample("inventory_list.xlsx"));
  await other.waitForURL(`${server.address}/t/acme-ltd/new`);

  // Its owner ends it, by its name.
  await page.goto(`${server.address}/t/acme-ltd/workspaces`);
  await main.getByRole("button", { name: "End it" }).click();
  await dialog.getByRole("textbox").fill("acme-ltd");
  await dialog.getByRole("button", { name: "End it" }).click();
  await page.waitForURL(`${server.address}/workspaces`);
  await expect(main.getByText("Acme Ltd")).toHaveCount(0);
  await other.goto(`${server.address}/t/acme-ltd/`);
  await expect(
    other.getByText("You do not belong to this workspace."),
  ).toBeVisible();
  await server.stop();
});
