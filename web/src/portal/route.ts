// Where in the portal somebody is, as an address and back.
// Invariant: addresses never hold the creation's token; it is a secret of this browser tab.

/** Steps of making an app, in their order. */
export const steps = ["suggestions", "editor", "publish"] as const;
export type Step = (typeof steps)[number];

/** Parts of an app's page beside the first. */
export const tabs = ["api", "invitations"] as const;
export type Tab = (typeof tabs)[number];

export type Route =
  | { page: "home" }
  | { page: "signIn" }
  | { page: "createAccount" }
  | { page: "confirm" }
  | { page: "forgotPassword" }
  | { page: "newPassword" }
  | { page: "invitation" }
  | { page: "invitations" }
  | { page: "join" }
  | { page: "account" }
  | { page: "security" }
  | { page: "devices" }
  | { page: "signInRules" }
  | { page: "mails" }
  | { page: "logins" }
  | { page: "people" }
  | { page: "groups" }
  | { page: "workspaces" }
  | { page: "ownLogins" }
  | { page: "programs" }
  | { page: "providers" }
  | { page: "directory" }
  | { page: "gates" }
  | { page: "audit" }
  | { page: "handlers" }
  | { page: "waiting" }
  | { page: "challenge"; id: string }
  | { page: "authorize" }
  | { page: "creation"; step: Step }
  | { page: "app"; id: string; tab?: Tab }
  | { page: "unknown" };

/** Pages that are nothing but their name. */
const singles = [
  ["signIn", "sign-in"],
  ["createAccount", "create-account"],
  ["confirm", "confirm"],
  ["forgotPassword", "forgot-password"],
  ["newPassword", "new-password"],
  ["invitation", "invitation"],
  ["invitations", "invitations"],
  ["join", "join"],
  ["account", "account"],
  ["security", "account/security"],
  ["devices", "account/devices"],
  ["signInRules", "sign-in-rules"],
  ["mails", "mails"],
  ["logins", "sign-ins"],
  ["people", "people"],
  ["groups", "groups"],
  ["workspaces", "workspaces"],
  ["ownLogins", "my-sign-ins"],
  ["programs", "programs"],
  ["providers", "providers"],
  ["directory", "directory"],
  ["gates", "checkpoints"],
  ["audit", "audit"],
  ["handlers", "handlers"],
  ["waiting", "waiting"],
] as const;

/** The route at a path. */
export function parse(path: string): Route {
  const [first, second, ...rest] = path.split("/").filter((part) => part !== "");
  const tab = tabs.find((known) => known === rest.join("/"));
  if (first === "apps" && second !== undefined && tab) return decoded(second, tab);
  if (rest.length > 0) return { page: "unknown" };
  if (first === undefined) return { page: "home" };
  const whole = second === undefined ? first : `${first}/${second}`;
  const plain = singles.find(([, path]) => path === whole);
  if (plain) return { page: plain[0] };
  if (first === "apps" && second !== undefined) return decoded(second);
  if (first === "checkpoint" && second !== undefined && /^[\da-f-]+$/.test(second))
    return { page: "challenge", id: second };
  if (first === "oauth" && second === "authorize") return { page: "authorize" };
  if (first === "new") {
    const step = steps.find((known) => known === (second ?? "suggestions"));
    if (step) return { page: "creation", step };
  }
  return { page: "unknown" };
}

/** The path of a route. */
export function path(route: Route): string {
  switch (route.page) {
    case "home":
    case "unknown":
      return "/";
    case "creation":
      return route.step === "suggestions" ? "/new" : `/new/${route.step}`;
    case "authorize":
      return "/oauth/authorize";
    case "challenge":
      return `/checkpoint/${route.id}`;
    case "app":
      return `/apps/${encodeURIComponent(route.id)}${route.tab ? `/${route.tab}` : ""}`;
    default:
      return `/${singles.find(([page]) => page === route.page)?.[1] ?? ""}`;
  }
}

function decoded(id: string, tab?: Tab): Route {
  try {
    return { page: "app", id: decodeURIComponent(id), ...(tab ? { tab } : {}) };
  } catch {
    return { page: "unknown" };
  }
}
