// Filters of a list as its address says them: links to a list can be kept and handed on, and going back shows what was shown.

/** What the address says of each of these names: what stands beside it where it says nothing, or nothing that can be. */
export function read<F extends Record<string, string>>(
  query: string,
  usual: F,
  allowed: { readonly [name in keyof F]?: readonly string[] } = {},
): F {
  const said = new URLSearchParams(query);
  const one = (name: string) => {
    const value = said.get(name) ?? "";
    const known = allowed[name];
    return value && (!known || known.includes(value)) ? value : usual[name];
  };
  return Object.fromEntries(Object.keys(usual).map((name) => [name, one(name)])) as F;
}

/** The same as an address says it, without what is as usual. */
export function query<F extends Record<string, string>>(filters: F, usual: F): string {
  const said = Object.entries(filters).filter(([name, value]) => value && value !== usual[name]);
  return said.length > 0 ? `?${new URLSearchParams(said)}` : "";
}

/** Puts filters into the address of this page, without a step that leads back. */
export function keep<F extends Record<string, string>>(filters: F, usual: F): void {
  history.replaceState(history.state, "", location.pathname + query(filters, usual));
}
