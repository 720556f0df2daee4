// Guessing costs puzzles that browsers solve by themselves; who signed in is there to be read.
import { expect, expectAccessible, maker, test } from "../support/journey.ts";

test("a puzzle is solved unseen, and administrators read who tried", async ({
  portal,
  playwright,
}) => {
  const { page } = portal;
  const main = page.getByRole("main");
  await page.goto(`${portal.address}/create-account`);
  await portal.fillAccount(main, maker);
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();
  // The browser is to be one that nobody knows.
  await page.context().clearCookies();

  const stranger = await playwright.request.newContext({
    extraHTTPHeaders: { "x-gridkeep": "1" },
  });
  for (let account = 0; account < 5; account++)
    for (let tried = 0; tried < 4; tried++) {
      const data = {
        email: `nobody${account}@example.org`,
        password: "a guess as good as any",
      };
      const answer = await stranger.post(`${portal.address}/api/session`, {
        data,
      });
      expect(answer.status()).toBe(401);
    }
  const data = {
    email: "nobody9@example.org",
    password: "a guess as good as any",
  };
  const answer = await stranger.post(`${portal.address}/api/session`, { data });
  expect(((await answer.json()) as { code: string }).code).toBe("workRequired");
  await stranger.dispose();

  await page.goto(`${portal.address}/sign-in`);
  const worked = page.waitForRequest(
    (request) => "x-gridkeep-work" in request.headers(),
  );
  await main.getByLabel("E-mail address").fill(maker.email);
  await main.getByLabel("Password").fill(maker.password);
  await main.getByRole("button", { name: "Sign in" }).click();
  await worked;
  await expect(portal.heading(`Hello, ${maker.name}`)).toBeVisible();

  await page.goto(`${portal.address}/account`);
  await page.getByRole("link", { name: "Recent sign-ins" }).click();
  await expect(portal.heading("Recent sign-ins")).toBeVisible();
  await expect(main.getByText("Done, new browser")).toBeVisible();
  await expectAccessible(page);

  await page.goto(`${portal.address}/account`);
  await page.getByRole("link", { name: "All sign-ins" }).click();
  await expect(main.getByText("nobody0@example.org").first()).toBeVisible();
  await main.getByLabel("E-mail address").fill("nobody3@example.org");
  await main.getByLabel("What came of it").selectOption("Wrong");
  await main.getByRole("button", { name: "Show", exact: true }).click();
  await expect(main.getByText("nobody0@example.org")).toHaveCount(0);
  // What failed alike is one line.
  await expect(main.getByRole("listitem")).toHaveCount(1);
  await expect(main.getByText(/4 times, last on/)).toBeVisible();
  await expectAccessible(page);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    main.getByRole("link", { name: "Download as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("sign-ins.csv");
});
