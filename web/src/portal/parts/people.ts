// E-mail addresses as people paste them: separated by commas, semicolons, spaces or lines, with or without names.

/** The addresses in a text, in lower case and each once, and what is none. */
export function readPeople(text: string): { people: string[]; wrong: string[] } {
  const people: string[] = [];
  const wrong: string[] = [];
  for (const part of text
    .replace(/"[^"]*"/g, "")
    .replace(/[^,;\n<>]*<([^<>]*)>/g, " $1 ")
    .split(/[\s,;]+/)) {
    if (!part) continue;
    const email = part.toLowerCase();
    if (/^[^@\s]+@[^@\s]+\.?[^@\s]+$/.test(email) && email.length <= 254) {
      if (!people.includes(email)) people.push(email);
    } else wrong.push(part);
  }
  return { people, wrong };
}
