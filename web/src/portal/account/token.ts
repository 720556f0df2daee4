// The secret of a mailed link. It stands behind the `#`, which browsers send to nobody.

/** Takes the token out of the address, so that it stays in no history and on no screen; empty when there is none. */
export function takeToken(): string {
  const token = /^#([0-9a-f]{64})$/.exec(location.hash)?.[1] ?? "";
  if (location.hash) history.replaceState(null, "", location.pathname);
  return token;
}
