// Attributes as lines that people type: `Region: North`.

/** One line an attribute. */
export const written = (attributes: Record<string, string>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

/** What the lines say; nothing when one of them says nothing. The server knows the same rule for names. */
export function read(lines: string): Record<string, string> | undefined {
  const attributes: Record<string, string> = {};
  for (const line of lines.split("\n").filter((line) => line.trim())) {
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9_]{0,39})\s*[:=]\s*(.*?)\s*$/.exec(line) ?? [];
    if (!name || !value || value.length > 200) return undefined;
    attributes[name] = value;
  }
  return Object.keys(attributes).length > 20 ? undefined : attributes;
}
