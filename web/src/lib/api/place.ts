// Where on the host this page's tenant is: the default one at the root, each other one at `/t/{name}`.
// Invariant: whoever asks the server, or leads somewhere, stays with the tenant of the page.

/** The part of a path that names the tenant; empty at the root. */
export const placeOf = (path: string): string => /^\/t\/[^/]+/.exec(path)?.[0] ?? "";

/** That of this page; a worker has none. */
export const place = placeOf(globalThis.location?.pathname ?? "");

/** A path of the tenant, from one of the root; what names a tenant already stays. */
export function within(path: string, at = place): string {
  return path.startsWith("/") && !placeOf(path) ? at + path : path;
}

/** The same as it would be at the root; what belongs to another tenant stays as it is. */
export function without(path: string, at = place): string {
  return at && (path === at || path.startsWith(`${at}/`)) ? path.slice(at.length) || "/" : path;
}
