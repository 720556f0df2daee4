// Editing a published app: its own workbook is taken up again, and what comes of it is a new version.
import { ask, path } from "$lib/api/http";
import type { App } from "$lib/api/types";
import { creation } from "../creation/creation.svelte";
import { upload } from "../home/upload";
import { router } from "../router.svelte";
import { originalPath } from "./apps";

/** Opens an app in the editor. */
export async function editApp(app: App): Promise<void> {
  // A gate asks our own pages alone.
  const ours = { headers: { "x-gridkeep": "1" } };
  const workbook = await (await ask("GET", originalPath(app.id, app.version), ours)).blob();
  const sent = upload(path`/api/apps/${app.id}/creation`, workbook, app.fileName, () => undefined);
  await creation.begin(await sent.creation, workbook, true);
  router.go({ page: "creation", step: "editor" });
}
