// An app's API keys.
import { ask, askJson, path } from "$lib/api/http";
import type { ApiKey, MadeKey, NewKey } from "$lib/api/types";

export const listKeys = (app: string) => askJson<ApiKey[]>("GET", path`/api/apps/${app}/keys`);
export const createKey = (app: string, key: NewKey) =>
  askJson<MadeKey>("POST", path`/api/apps/${app}/keys`, { body: key });
export const revokeKey = (app: string, key: string) => ask("DELETE", path`/api/apps/${app}/keys/${key}`);
