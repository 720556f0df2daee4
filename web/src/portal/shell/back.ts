// The way back to the page that asked somebody to sign in.
// Invariant: it leads to pages of this very portal; what else an address says is not followed.
import { without } from "$lib/api/place";
import { parse, path, type Route } from "../route";

/** Pages that are done with once somebody is signed in. */
const past: readonly Route["page"][] = ["signIn", "createAccount", "forgotPassword", "unknown"];

/** The sign-in that leads back to this page. */
export function signInTo({ pathname, search }: Pick<Location, "pathname" | "search">): string {
  return `/sign-in?${new URLSearchParams({ to: without(pathname) + search })}`;
}

/** The same as a path of this workspace, for whoever is away meanwhile. */
export function pathBack(query: string): string | undefined {
  const back = wayBack(query);
  return back && path(back.route) + back.query;
}

/** Where the query of the sign-in's address leads to, if to one of our pages. */
export function wayBack(query: string): { route: Route; query: string } | undefined {
  const to = new URLSearchParams(query).get("to");
  if (!to || !/^\/(?![/\\])/.test(to)) return undefined;
  const [at = "", ...more] = to.split("?");
  const route = parse(at);
  if (past.includes(route.page) || path(route) !== at) return undefined;
  return { route, query: more.length > 0 ? `?${more.join("?")}` : "" };
}
