// A gate's message as crates/model/src/checkpoint/template.rs reads it, to be shown while it is written.

export type Piece = { text: string } | { parameter: string };

/** The pieces of a message: `&PARAM` as long as it can be, `&&` for `&`, any other `&` for itself. */
export function pieces(template: string): Piece[] {
  const found: Piece[] = [];
  let text = "";
  for (const [token] of template.matchAll(/&&|&[A-Z][A-Z0-9_]*|&|[^&]+/g)) {
    if (token.length > 1 && token.startsWith("&") && token !== "&&") {
      if (text) found.push({ text });
      text = "";
      found.push({ parameter: token.slice(1) });
    } else text += token === "&&" ? "&" : token;
  }
  if (text) found.push({ text });
  return found;
}

/** What a message asks for that is not there. */
export function unknown(template: string, known: readonly string[]): string[] {
  const asked = pieces(template).flatMap((piece) => ("parameter" in piece ? [piece.parameter] : []));
  return [...new Set(asked)].filter((name) => !known.includes(name));
}

/** Whether it can be a gate's id: a capital letter, then capital letters, digits and `_`. */
export const isGateId = (id: string): boolean => /^[A-Z][A-Z0-9_]{0,39}$/.test(id);
