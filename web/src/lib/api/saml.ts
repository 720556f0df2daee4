// Companies' sign-in by SAML: set up by the provider's metadata.
import { askJson, path } from "./http";
import type { SamlProvider } from "./types";

/** Adds a provider; people come by it once it is enabled. Some providers want our metadata before they give theirs. */
export const addSaml = (name: string, metadata?: string) =>
  askJson<SamlProvider>("POST", "/api/company/saml", {
    body: { name, ...(metadata === undefined ? {} : { metadata }) },
  });

export const getSaml = (id: string) => askJson<SamlProvider>("GET", path`/api/company/${id}/saml`);

/** Takes new metadata, or signs requests from now on; whoever came this way signs in anew. */
export const changeSaml = (id: string, change: { metadata?: string; signs?: boolean }) =>
  askJson<SamlProvider>("PATCH", path`/api/company/${id}/saml`, { body: change });
