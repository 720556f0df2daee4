// The people of the tenant, their groups, and the tenants somebody belongs to.
import { askJson, path } from "./http";
import type { Group, OwnTenant, OwnTenants, PeoplePage, TenantPerson, TenantRole } from "./types";

/** Orders in which people are listed. */
export const peopleSorts = ["name", "address", "newest", "seen", "unseen"] as const;
export type PeopleSort = (typeof peopleSorts)[number];

/** Whom to list: all that is given must fit. */
export interface PeopleFilter {
  search?: string;
  role?: TenantRole | "";
  group?: string;
  /** Only those not in this group. */
  outside?: string;
  sort?: PeopleSort;
}

export function getPeople(filter: PeopleFilter, after = ""): Promise<PeoplePage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, after })) if (value) query.set(name, value);
  return askJson<PeoplePage>("GET", `/api/people?${query}`);
}

export interface PersonChange {
  role?: TenantRole;
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

/** Lets somebody belong to a group, or no longer, and leaves alone what they belong to besides. */
export const changeBelonging = (group: string, person: string, within: boolean) =>
  askJson<TenantPerson>(within ? "PUT" : "DELETE", path`/api/groups/${group}/people/${person}`);

export const getTenants = () => askJson<OwnTenants>("GET", "/api/tenants");

export const createTenant = (name: string, title: string) =>
  askJson<OwnTenant>("POST", "/api/tenants", { body: { name, title } });

/** Says what people call the tenant of this page. */
export const renameTenant = (title: string) => askJson<void>("PATCH", "/api/tenant", { body: { title } });

/** Ends the tenant of this page; its name is the confirmation. */
export const endTenant = (name: string) => askJson<void>("DELETE", "/api/tenant", { body: { name } });
