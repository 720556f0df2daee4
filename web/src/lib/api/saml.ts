// Companies' sign-in by SAML: set up by the provider's metadata.
import { askJson, path } from "./http";
import type { SamlProvider } from "./types";

/** Adds a provider; people come by it once it is enabled. Some providers want our metadata before they give theirs. */
export const addSaml = (name: string, metadata?: string) =>
  askJson<SamlProvider>("POST", "/api/company/saml", {
    body: { name, ...(metadata === undefined ? {} : { metadata }) },
  });

export const getSaml = (id: string) => askJson<SamlProvider>("GET", path`/api/company/${id}/saml`);

/** What can be changed of a provider. */
export interface SamlChange {
  metadata?: string;
  signs?: boolean;
  /** The attribute that names people; empty for the provider's own name of them. */
  subject?: string;
  addressesLast?: boolean;
}

/** Changes a provider; whoever came this way signs in anew. */
export const changeSaml = (id: string, change: SamlChange) =>
  askJson<SamlProvider>("PATCH", path`/api/company/${id}/saml`, { body: change });
