import { expect, test, vi } from "vitest";
import { nameOf, save } from "./save";

test("a file is asked for as our own pages ask: what a gate asks is shown", async () => {
  let sent: string | null = "";
  vi.stubGlobal("fetch", async (_: string, { headers }: RequestInit) => {
    sent = new Headers(headers).get("x-gridkeep");
    return new Response("{}", { status: 500 });
  });
  const link = { ariaBusy: null, classList: { toggle: () => true }, getAttribute: () => "/api/audit.csv" };
  await save(link as unknown as HTMLAnchorElement);
  vi.unstubAllGlobals();
  expect(sent).toBe("1");
});

test.each([
  ["attachment; filename*=UTF-8''Lager%20M%C3%A4rz.csv", "Lager März.csv"],
  ["attachment; filename*=utf-8''a%22b.csv; size=3", 'a"b.csv'],
  ["attachment; filename*=UTF-8''%E0%A4%A.csv", ""],
  ["attachment", ""],
  [null, ""],
])("a file is called what %s says", (header, name) => {
  expect(nameOf(header)).toBe(name);
});
