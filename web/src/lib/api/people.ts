// The people of the tenant, their groups, and the tenants somebody belongs to.
import { askJson, path } from "./http";
import type { Group, OwnTenant, OwnTenants, PeoplePage, TenantPerson, TenantRole } from "./types";

export const getPeople = (search: string, after = "") =>
  askJson<PeoplePage>(
    "GET",
    `/api/people?${new URLSearchParams({ ...(search ? { search } : {}), ...(after ? { after } : {}) })}`,
  );

export interface PersonChange {
  role?: TenantRole;
  groups?: string[];
  attributes?: Record<string, string>;
}

export const changePerson = (id: string, change: PersonChange) =>
  askJson<TenantPerson>("PATCH", path`/api/people/${id}`, { body: change });

export const removePerson = (id: string) => askJson<void>("DELETE", path`/api/people/${id}`);

export const getGroups = () => askJson<Group[]>("GET", "/api/groups");

export const createGroup = (name: string) => askJson<Group>("POST", "/api/groups", { body: { name } });

export const renameGroup = (id: string, name: string) =>
  askJson<Group>("PATCH", path`/api/groups/${id}`, { body: { name } });

export const removeGroup = (id: string) => askJson<void>("DELETE", path`/api/groups/${id}`);

export const getTenants = () => askJson<OwnTenants>("GET", "/api/tenants");

export const createTenant = (name: string, title: string) =>
  askJson<OwnTenant>("POST", "/api/tenants", { body: { name, title } });

/** Ends the tenant of this page; its name is the confirmation. */
export const endTenant = (name: string) => askJson<void>("DELETE", "/api/tenant", { body: { name } });
