// People who are invited to a workspace, and the links that are mailed to them.
import type { Page } from "@playwright/test";
import { expect, maker } from "./journey.ts";
import { Portal } from "./pages.ts";
import type { Server } from "./server.ts";

/** Makes the first account, whose owner has a workspace of their own. */
export async function workspace(page: Page, server: Server): Promise<Portal> {
  const portal = new Portal(page, server.address);
  await page.goto(`${server.address}/create-account`);
  await portal.fillAccount(page.getByRole("main"), maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  await page.goto(`${server.address}/workspaces`);
  await page
    .getByRole("main")
    .getByLabel(/^Name\W*$/)
    .fill("Acme Ltd");
  await page.getByRole("button", { name: "Make the workspace" }).click();
  await page.waitForURL(`${server.address}/t/acme-ltd/`);
  await page.goto(`${server.address}/t/acme-ltd/groups`);
  await page
    .getByRole("main")
    .getByLabel(/^Name\W*$/)
    .fill("North");
  await page.getByRole("button", { name: "Make the group" }).click();
  await expect(page.getByText("0 people")).toBeVisible();
  await page.goto(`${server.address}/t/acme-ltd/invitations`);
  await expect(portal.heading("Invitations")).toBeVisible();
  return portal;
}

/** The link of an invitation, other than one that was had before. */
export async function invited(server: Server, email: string, before?: string): Promise<string> {
  let link: string | undefined;
  await expect
    .poll(async () => {
      link = await server.mailed(email, "invitation");
      return link !== undefined && link !== before;
    })
    .toBe(true);
  return link ?? "";
}
