// OpenUI5 in a page of the server's own origin: its modules come from node_modules, everything else from the real server.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import type { Page, Response } from "@playwright/test";

const modules = join(dirname(createRequire(import.meta.url).resolve("@openui5/sap.ui.core/package.json")), "src");
const types: Record<string, string> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".properties": "text/plain;charset=utf-8",
  ".xml": "application/xml",
};
const folder = "/ui5-of-the-test/";

const html = `<!doctype html><meta charset="utf-8"><title>OpenUI5</title>
<script>globalThis["sap-ui-config"] = { async: true, language: "en-GB", compatVersion: "edge" };</script>
<script id="sap-ui-bootstrap" src="${folder}resources/ui5loader.js"></script>
<script src="${folder}resources/ui5loader-autoconfig.js" data-sap-ui-async="true"></script>`;

/** One request that the page sent to the service, with what it was answered. */
export interface Exchange {
  request: string;
  status: number;
  answer: string;
}

/** Opens a page that can load OpenUI5, and gives what it has said to the service so far. */
export async function openUi5(page: Page, address: string): Promise<() => Promise<Exchange[]>> {
  const said: Promise<Exchange>[] = [];
  await page.route(`${address}${folder}**`, async (route) => {
    const path = new URL(route.request().url()).pathname.slice(folder.length);
    if (path === "") return route.fulfill({ contentType: "text/html", body: html });
    const file = join(modules, normalize(path.replace(/^resources\//, "")));
    const body = await readFile(file).catch(() => null);
    if (body === null) return route.fulfill({ status: 404, body: "" });
    return route.fulfill({ body, contentType: types[extname(file)] ?? "application/octet-stream" });
  });
  const keep = async (response: Response): Promise<Exchange> => {
    const request = response.request();
    const headers = Object.entries(await request.allHeaders()).map(([name, value]) => `${name}: ${value}`);
    const line = `${request.method()} ${request.url()}`;
    // A page that is gone takes the bodies with it.
    const answer = await response.text().catch(() => "");
    return {
      request: [line, ...headers, "", request.postData() ?? ""].join("\n"),
      status: response.status(),
      answer,
    };
  };
  page.on("response", (response) => {
    if (response.url().startsWith(`${address}/odata/`)) said.push(keep(response));
  });
  await page.goto(`${address}${folder}`);
  return () => Promise.all(said);
}
