// Companies' sign-in: ways to it, a tenant's providers and domains, and what an account is linked with.
import { askJson, path } from "./http";
import { within, without } from "./place";
import type { TenantRole } from "./types";

/** A way through a company. */
export interface CompanyWay {
  provider: string;
  kind: "oidc" | "saml";
  name: string;
  workspace: string;
  /** Where its workspace is. */
  link: string;
}

export interface GroupRule {
  outside: string;
  role?: TenantRole | null;
  group?: string | null;
}

export interface FactorRule {
  says: "acr" | "amr";
  value: string;
  counts: "any" | "passkey";
}

export interface ProviderRules {
  newcomers: TenantRole | null;
  claims: { email: string; name: string; groups: string; external: string | null };
  trustAddresses: boolean;
  groups: GroupRule[];
  attributes: Record<string, string>;
  factors: FactorRule[];
}

export interface OidcSettings {
  issuer: string;
  client: string;
  /** What the server proves itself with there; a secret when absent. */
  proves?: "secret" | "key";
  scope: string;
  algorithms: string[];
  acr: string[];
  userinfo: boolean;
}

export interface ProviderSettings {
  rules: ProviderRules;
  oidc?: OidcSettings;
}

export interface Provider {
  id: string;
  kind: "oidc" | "saml";
  name: string;
  enabled: boolean;
  most: TenantRole;
  settings: ProviderSettings;
  hasSecret: boolean;
  redirect: string;
  /** Where the provider finds the server's own key. */
  keys: string;
  changed: string;
}

export interface NewProvider {
  name: string;
  enabled: boolean;
  settings: ProviderSettings;
  /** The most that whoever comes this way can be; as before when absent. */
  most?: TenantRole;
  secret?: string;
}

export interface CompanyDomain {
  /** As name servers have it. */
  domain: string;
  /** As people read it. */
  name: string;
  record: string;
  verified: string | null;
  /** People with such an address come in here through the company only. */
  required: boolean;
}

export interface ProviderTest {
  failed: string | null;
  claims: Record<string, unknown> | null;
  person: {
    email: string | null;
    name: string | null;
    vouched: boolean;
    known: boolean;
    blocked: boolean;
    newcomer: TenantRole | null;
    role: TenantRole | null;
    joins: string[];
    leaves: string[];
    attributes: Record<string, string | null>;
    factor: "none" | "any" | "passkey";
  } | null;
}

export interface CompanyLinks {
  links: { id: string; name: string; workspace: string; linked: boolean; seen: string | null }[];
  offers: { provider: string; name: string }[];
}

interface Destination {
  location: string;
}

/** The ways through companies for an address's domain. */
export const companyWays = (email: string) =>
  askJson<CompanyWay[]>("POST", "/api/company/realm", { body: { email } });

/** Goes to a company's sign-in, at the workspace that it belongs to. */
export async function leaveForCompany(way: CompanyWay, email: string, back?: string): Promise<void> {
  const place = new URL(way.link).pathname.replace(/\/$/, "");
  const body = { provider: way.provider, email, back };
  const { location } = await askJson<Destination>("POST", within("/api/company/start", place), { body });
  globalThis.location.assign(location);
}

/** Goes to this workspace's company once more, for an account apart from the one that has the same address. */
export async function leaveForCompanyApart(provider: string, back?: string): Promise<void> {
  const body = { provider, back, apart: true };
  const { location } = await askJson<Destination>("POST", "/api/company/start", { body });
  globalThis.location.assign(location);
}

/** Goes to the company that vouches for this session, to show anew who one is; comes back to this page. */
export async function proveAtCompany(): Promise<void> {
  const back = without(location.pathname);
  const { location: there } = await askJson<Destination>("POST", "/api/company/proof", { body: { back } });
  globalThis.location.assign(there);
}

export const getProviders = () => askJson<Provider[]>("GET", "/api/providers");

export const addProvider = (provider: NewProvider) =>
  askJson<Provider>("POST", "/api/providers", { body: provider });

export const changeProvider = (id: string, provider: NewProvider) =>
  askJson<Provider>("PUT", path`/api/providers/${id}`, { body: provider });

export const removeProvider = (id: string) => askJson<void>("DELETE", path`/api/providers/${id}`);

/** Where to sign in to see what a provider says. */
export const testProvider = (id: string) =>
  askJson<Destination>("POST", path`/api/providers/${id}/test`, { body: {} });

export const getTest = (id: string, token: string) =>
  askJson<ProviderTest>("GET", path`/api/providers/${id}/tests/${token}`);

/** Somebody whom the providers let in no more. */
export interface RemovedPerson {
  id: string;
  provider: string;
  /** Null where the directory took them out for good. */
  email: string | null;
  name: string | null;
  knownAs: string | null;
  at: string;
}

export const getRemoved = () => askJson<RemovedPerson[]>("GET", "/api/company/removed");

export const letInAgain = (id: string) => askJson<void>("DELETE", path`/api/company/removed/${id}`);

export const getDomains = () => askJson<CompanyDomain[]>("GET", "/api/domains");

export const addDomain = (domain: string) =>
  askJson<CompanyDomain>("POST", "/api/domains", { body: { domain } });

/** Looks for the record that proves a domain. */
export const checkDomain = (domain: string) =>
  askJson<CompanyDomain>("POST", path`/api/domains/${domain}/check`, { body: {} });

/** Says whether people of a domain come in through the company only. */
export const requireCompany = (domain: string, required: boolean) =>
  askJson<CompanyDomain>("PUT", path`/api/domains/${domain}`, { body: { required } });

export const removeDomain = (domain: string) => askJson<void>("DELETE", path`/api/domains/${domain}`);

export const getCompanyLinks = () => askJson<CompanyLinks>("GET", "/api/account/companies");

/** Where to go to link the account with a company; `claim` says that this browser has just been there. */
export const linkCompany = (provider: string, claim?: string) =>
  askJson<Destination>("POST", "/api/account/companies", { body: { provider, claim } });

export const unlinkCompany = (id: string) => askJson<void>("DELETE", path`/api/account/companies/${id}`);
