// A maker's apps over the API.
import { ask, askJson, path } from "$lib/api/http";
import type { App, AppDefinition, AppVersion, Audience, ClientApp, DefinitionProblem } from "$lib/api/types";

export const listApps = () => askJson<App[]>("GET", "/api/apps");
export const getApp = (id: string) => askJson<App>("GET", path`/api/apps/${id}`);
export const changeApp = (id: string, change: { audience?: Audience; people?: string[] }) =>
  askJson<App>("PATCH", path`/api/apps/${id}`, { body: change });
export const deleteApp = (id: string) => ask("DELETE", path`/api/apps/${id}`);
export const listVersions = (id: string) => askJson<AppVersion[]>("GET", path`/api/apps/${id}/versions`);
export const rollback = (id: string, version: number) =>
  askJson<App>("POST", path`/api/apps/${id}/rollback`, { body: { version } });
export const getDefinition = async (id: string) =>
  (await askJson<ClientApp>("GET", path`/api/apps/${id}/client`)).definition;

/** The workbook as it was uploaded; its maker's alone. */
export const originalPath = (id: string, version: number) =>
  path`/api/apps/${id}/versions/${version}/original`;
export const exportPath = (id: string) => path`/api/apps/${id}/export.xlsx`;
export const tablePath = (id: string, table: string) => path`/api/apps/${id}/tables/${table}/export.csv`;
export const qrPath = (id: string) => path`/api/apps/${id}/qr.svg`;

export const checkDefinition = async (token: string, definition: AppDefinition, signal?: AbortSignal) => {
  const options = { body: { definition }, ...(signal ? { signal } : {}) };
  const answer = await askJson<{ problems: DefinitionProblem[] }>(
    "POST",
    path`/api/creations/${token}/check`,
    options,
  );
  return answer.problems;
};

/** What publishing needs to know. */
export interface Publication {
  definition: AppDefinition;
  audience: Audience;
  people?: string[];
  replaces?: string;
  /** What happens to rows in the database when an app is replaced; they are kept when absent. */
  rows?: "keep" | "replace";
}

export const publish = (token: string, publication: Publication) =>
  askJson<App>("POST", path`/api/creations/${token}/publish`, { body: publication });
