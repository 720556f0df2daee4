// Who may not open an app does not learn that it exists.
import { expect, maker, second, test } from "../support/journey.ts";
import { sample } from "../support/server.ts";

test("an app that is not yours is an app that is not there", async ({ portal, visit, server }) => {
  const link = await portal.make(sample("loan_calculator.xlsx"), maker, "prototype");
  const id = new URL(link).pathname.split("/")[2] ?? "";
  const absent = `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;

  const stranger = await visit(link);
  await expect(stranger.heading).toHaveText("This app is not open to everybody");
  const ask = async (path: string) => {
    const answer = await stranger.page.request.get(`${server.address}${path}`);
    const { status, code, title } = (await answer.json()) as Record<string, unknown>;
    return { status, code, title };
  };
  for (const path of ["", "/client", "/versions", "/versions/1/workbook", "/versions/1/original", "/export.xlsx"]) {
    const forbidden = await ask(`/api/apps/${id}${path}`);
    expect(forbidden, path).toEqual(await ask(`/api/apps/${absent}${path}`));
    expect(forbidden.status, path).toBe(404);
  }

  await stranger.createAccount(second);
  await expect(stranger.heading).toHaveText("There is no such app for you");
  expect((await ask(`/api/apps/${id}/client`)).status).toBe(404);
});
