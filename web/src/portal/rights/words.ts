// Rights in plain words.
import { m } from "../m";
import { exceptions, type GrantCard, type Level } from "./rights";

export const levelWords = (level: Level): string =>
  ({
    none: m.level_none,
    view: m.level_view,
    submit: m.level_submit,
    edit: m.level_edit,
    administer: m.level_administer,
  })[level]();

/** Whom a card is about. */
export function nameOf({ to, name, title }: GrantCard, names: Readonly<Record<string, string>>): string {
  if (to === "members") return m.rights_members();
  if (to === "guests") return m.rights_guests();
  if (to === "group") return m.rights_group({ name: title ?? name ?? "" });
  const address = name ?? "";
  return names[address] ? `${names[address]} · ${address}` : address;
}

/** What they were given, in a line. */
export function summary({ to, grant }: GrantCard): string {
  if (!grant) return to === "person" ? m.rights_as_members() : m.rights_as_defined();
  const level = levelWords(grant.level);
  const count = exceptions(grant);
  return count === 0 ? level : `${level} ${m.rights_exceptions({ count })}`;
}
