// Roles in words, and who may give which.
import type { TenantRole } from "$lib/api/types";
import { m } from "../m";

/** The least first. */
export const roles: readonly TenantRole[] = ["guest", "member", "maker", "administrator", "owner"];

/** What a role is called. */
export function roleName(role: TenantRole): string {
  return {
    guest: m.standing_guest,
    member: m.standing_member,
    maker: m.standing_maker,
    administrator: m.standing_administrator,
    owner: m.standing_owner,
  }[role]();
}

/** What it means. */
export function roleMeans(role: TenantRole): string {
  return {
    guest: m.standing_guest_means,
    member: m.standing_member_means,
    maker: m.standing_maker_means,
    administrator: m.standing_administrator_means,
    owner: m.standing_owner_means,
  }[role]();
}

/** The roles that somebody may give, and whose people they may change. */
export const givenBy = (own: TenantRole | null | undefined): readonly TenantRole[] =>
  own === "owner" ? roles : own === "administrator" ? roles.slice(0, 4) : [];

/** Whether somebody rules over people. */
export const rules = (own: TenantRole | null | undefined): boolean => givenBy(own).length > 0;

/** Whether somebody makes apps. */
export const makes = (own: TenantRole | null | undefined): boolean => own === "maker" || rules(own);
