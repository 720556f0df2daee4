// A message's text from its compiled form.
// Invariant: numbers inside a message are written in the person's own way (1,000 or 1.000).

/** A compiled message: text, or the placeholder that counts and a text for each plural form. */
export type Message = string | readonly [by: string, forms: Readonly<Record<string, string>>];
/** All messages of an entry in one language. */
export type Table = Readonly<Record<string, Message>>;
/** What may fill a placeholder. */
export type Values = Readonly<Record<string, string | number>>;

/** The text of `message` for `locale`, with `values` in its placeholders. */
export function translate(message: Message, values: Values | undefined, locale: string): string {
  let text: string;
  if (typeof message === "string") text = message;
  else {
    const [by, forms] = message;
    text = forms[new Intl.PluralRules(locale).select(Number(values?.[by]))] ?? forms["other"] ?? "";
  }
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}
