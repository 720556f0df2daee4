// The pages that belong to no single app, in the order of the menu: one's own, the workspace's, the server's.
// Invariant: who may see nothing of a page is not led to it. What a page then shows is the server's decision.
import type { Account } from "$lib/api/types";
import { m } from "../m";
import { rules } from "../people/roles";
import type { Route } from "../route";

/** A page of the menu. */
export interface Place {
  route: Route;
  words: () => string;
}

/** Pages under a heading. */
export interface Section {
  title: () => string;
  places: readonly Place[];
}

/** Pages nobody is led to but from another of these: they keep its place in the menu. */
const under: Partial<Record<Route["page"], Route["page"]>> = { handlers: "audit" };

/** Routes that are nothing but their page. */
type Plain = Exclude<Route, { id: string } | { step: string }>;

const place = (page: Plain["page"], words: () => string): Place => ({ route: { page } as Plain, words });

/** What is open to somebody. */
export function sections(
  account: Pick<Account, "role" | "runsServer" | "throughCompany"> | null,
  /** What the workspace is called, where it has a name. */
  called?: string,
): readonly Section[] {
  if (!account) return [];
  const own: Section = {
    title: m.own_account,
    places: [
      place("account", m.profile),
      place("security", m.security_page),
      place("devices", m.devices),
      // The account is everywhere; the company vouches for it here only.
      ...(account.throughCompany ? [] : [place("ownLogins", m.own_logins)]),
      place("waiting", m.waiting),
      place("workspaces", m.workspaces),
    ],
  };
  const workspace: Section = {
    title: () => called ?? m.workspace(),
    places: [
      place("people", m.people),
      place("groups", m.groups),
      place("invitations", m.invitations),
      place("providers", m.providers),
      place("directory", m.directory),
      place("signInRules", m.sign_in_rules),
      place("gates", m.gates_page),
      place("audit", m.audit),
    ],
  };
  const server: Section = {
    title: m.server,
    places: [place("logins", m.logins), place("mails", m.mails), place("programs", m.programs)],
  };
  return [own, ...(rules(account.role) ? [workspace] : []), ...(account.runsServer ? [server] : [])];
}

/** The place of the menu that a page belongs to. */
export function placeOf(all: readonly Section[], route: Route): Place | undefined {
  const page = under[route.page] ?? route.page;
  return all.flatMap(({ places }) => places).find((one) => one.route.page === page);
}
