// What is asked at a checkpoint when it is not one row that stays as it is: content that changes meanwhile, several rows of one
// gate, and a program that acts for somebody.
import type { Page } from "@playwright/test";
import { guard } from "../support/gated.ts";
import { expect, expectAccessible, expectSaid, maker, test } from "../support/journey.ts";
import { Program, question, redeem } from "../support/program.ts";
import type { Definition } from "../support/publish.ts";

const asked = (page: Page) => page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "OK" }) });

/** Sets all open expenses to paid, each of them past the gate; what stays open is asked about by nobody. */
function payAll(definition: Definition): void {
  const [table] = definition.tables;
  Object.assign(table ?? {}, { gates: [{ gate: "ROWS", where: "Status eq 'paid'" }] });
  definition.actions = [
    {
      id: "pay",
      title: "Pay all",
      confirmation: "Pay all open ones?",
      access: ["member"],
      steps: [
        {
          do: "update",
          table: table?.id,
          where: [{ column: "status", comparison: "equals", value: { value: "open" } }],
          values: { status: { value: "paid" } },
        },
      ],
    },
  ];
}

/** Where programs call it. */
async function imported(service: string, authorization: string): Promise<string> {
  const metadata = await (await fetch(`${service}$metadata`, { headers: { authorization } })).text();
  const [, name] = /<ActionImport Name="([^"]+)"/.exec(metadata) ?? [];
  if (!name) throw new Error(metadata);
  return service + name;
}

const rows = { id: "ROWS", message: "&EVENT: &WHAT for &AMOUNT", comment: "none", methods: ["password"] };

test("what changed meanwhile is not approved, and is shown anew", async ({ portal }) => {
  const { page, address } = portal;
  const { link } = await guard(page, address, maker, [rows], payAll);
  await page.goto(link);
  await page.getByRole("button", { name: "Pay all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pay all" }).click();
  const dialog = asked(page);
  await expect(dialog.getByText(/Hotel in Oslo for 9,?100/)).toBeVisible();

  // Somebody makes it dearer while it is looked at.
  const other = await page.context().newPage();
  await other.goto(link);
  await other.getByRole("link", { name: "Hotel in Oslo" }).click();
  const sheet = other.getByRole("dialog").first();
  await sheet.getByRole("button", { name: "Edit" }).click();
  await sheet.getByLabel("Amount").fill("9900");
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(other.getByText("Saved.")).toBeVisible();
  await other.close();

  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(dialog.getByRole("alert")).toContainText("changed");
  await expect(dialog.getByText(/Hotel in Oslo for 9,?900/)).toBeVisible();
  await expect(dialog.getByLabel("Password")).toHaveValue("");
  await expectAccessible(page, { asked: true });
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expectSaid(page, "“Pay all” is done.");
});

test("two rows of one gate are both shown, in the dialog and in the list", async ({ portal, playwright }) => {
  const { page, address } = portal;
  const { id, link, service } = await guard(page, address, maker, [rows], payAll);
  await page.goto(link);
  await page.getByRole("button", { name: "Pay all" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Pay all" }).click();
  const dialog = asked(page);
  const both = [/^Change: Train to Ulm for 48\.5/, /^Change: Hotel in Oslo for 9,?100/];
  for (const one of both) await expect(dialog.getByText(one)).toBeVisible();
  await expectAccessible(page, { asked: true });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);

  // The same by a key waits, and says both.
  const made = await page.request.post(`${address}/api/apps/${id}/keys`, {
    data: { name: "Import", writes: true },
    headers: { "x-gridkeep": "1" },
  });
  const { secret } = (await made.json()) as { secret: string };
  const program = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${secret}` } });
  const answer = await program.post(await imported(service, `Bearer ${secret}`), { data: {} });
  expect(answer.status(), await answer.text()).toBe(202);
  await program.dispose();
  await page.goto(`${address}/waiting`);
  const item = page.getByRole("main").getByRole("listitem");
  for (const one of both) await expect(item.getByText(one)).toBeVisible();
  await expectAccessible(page);
  await item.getByRole("button", { name: /^Approve: / }).click();
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole("row").filter({ hasText: "paid" })).toHaveCount(3);
});

test("a program that acts for somebody sends them to a page, and does it once they have approved", async ({ portal }) => {
  const { page, address } = portal;
  const { service } = await guard(page, address, maker, [rows], payAll);
  const program = await Program.start();
  await page.goto(question(address, program.redirect, "read write"));
  await page.getByRole("main").getByRole("button", { name: "Allow", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Back in the program" })).toBeVisible();
  const token = await redeem(address, program);
  program.stop();

  const place = await imported(service, `Bearer ${token}`);
  const pay = (headers: Record<string, string> = {}) =>
    fetch(place, {
      method: "POST",
      body: "{}",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    });
  const refused = await pay();
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toContain("insufficient_user_authentication");
  const said = JSON.stringify(await refused.json());
  const [, path] = /"link":"[^"]*?(\/checkpoint\/[^"]+)"/.exec(said) ?? [];
  expect(path, said).toBeTruthy();

  await page.goto(`${address}${path}`);
  await expect(portal.heading("A program asks you")).toBeVisible();
  const main = page.getByRole("main");
  await expect(main.getByText(/^Change: Train to Ulm/)).toBeVisible();
  await expect(main.getByText(/^Change: Hotel in Oslo/)).toBeVisible();
  await expectAccessible(page);
  await main.getByRole("button", { name: "Approve …" }).click();
  const dialog = asked(page);
  await dialog.getByLabel("Password").fill(maker.password);
  await dialog.getByRole("button", { name: "OK" }).click();
  await expect(main.getByRole("status")).toContainText("Approved");
  const [, challenge] = /"challenge":"([^"]+)"/.exec(said) ?? [];
  const again = await pay({ checkpoint: challenge ?? "" });
  expect(again.status, await again.text()).toBeLessThan(300);
});
