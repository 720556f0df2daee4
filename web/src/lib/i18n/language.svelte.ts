// The person's language: taken from the browser, changed by a switch, remembered on this device.
// Invariant: messages of exactly one language are loaded, and everything that showed one is shown anew on a switch. What is
// loaded later than its entry is loaded together with its messages (`later`).
import { untrack } from "svelte";
import { later as parts } from "$generated/messages/later";
import { translate, type Table, type Values } from "./translate";

export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];
/** Loads an entry's messages in one language. */
export type Loaders = Readonly<Record<Language, () => Promise<{ default: Table }>>>;

const KEY = "gridkeep.language";

/** The language to begin with: `chosen` if it is one of ours, else the browser's first that is, else English. */
export function pick(chosen: string | null, browser: readonly string[]): Language {
  const known = [chosen ?? "", ...browser].map((tag) => tag.slice(0, 2).toLowerCase());
  return (
    languages.find((language) => language === known.find((tag) => languages.includes(tag as Language))) ??
    "en"
  );
}

/** The BCP 47 tag for numbers and dates: the browser's own regional form of the language where there is one. */
export function regional(of: Language, browser: readonly string[]): string {
  return browser.find((tag) => tag.toLowerCase().startsWith(`${of}-`)) ?? (of === "en" ? "en-US" : of);
}

class LanguageState {
  current = $state.raw<Language>("en");
  /** For `Intl`: the language with the person's region. */
  locale = $state.raw("en-US");
  table = $state.raw<Table>({});
  /** What is loaded again in another language: the entry's messages, and those that came later. */
  #loaders: Loaders[] = [];
  #whole = false;

  /** Loads the messages of the person's language; `m` gives texts once it has resolved. `whole`: the entry's own have those
   *  of every part. */
  async start(loaders: Loaders, whole = false, chosen = remembered()): Promise<void> {
    this.#loaders = [loaders];
    this.#whole = whole;
    await this.#show(pick(chosen, navigator.languages));
  }

  /** Loads messages that an entry's own do not have, once. */
  async add(loaders: Loaders): Promise<void> {
    while (!this.#whole && !this.#loaders.includes(loaders)) {
      const of = this.current;
      const { default: table } = await loaders[of]();
      // Another language was chosen meanwhile.
      if (of !== this.current || this.#loaders.includes(loaders)) continue;
      this.#loaders.push(loaders);
      this.table = { ...this.table, ...table };
    }
  }

  /** Changes the language and remembers it on this device. */
  async change(language: Language, remember = true): Promise<void> {
    if (language === this.current) return;
    if (remember) storage()?.setItem(KEY, language);
    await this.#show(language);
  }

  async #show(language: Language): Promise<void> {
    let loaded: { default: Table }[];
    do loaded = await Promise.all(this.#loaders.map((each) => each[language]()));
    while (loaded.length < this.#loaders.length);
    this.table = Object.assign({}, ...loaded.map((each) => each.default));
    this.current = language;
    this.locale = regional(language, navigator.languages);
    document.documentElement.lang = language;
  }
}

export const language = new LanguageState();

/** Loads a module together with the messages it shows; `npm run messages` fails where these are left out. */
export async function later<T>(load: () => Promise<T>, ...names: (keyof typeof parts)[]): Promise<T> {
  // Whoever asks for it is not to ask again when the language changes: what is loaded follows by itself.
  const messages = untrack(() => names.map((name) => language.add(parts[name])));
  const [module] = await Promise.all([load(), ...messages]);
  return module;
}

/** Typed messages: `m.rows({ count: 3 })`. */
export function messages<M>(): M {
  return new Proxy({} as object, {
    get: (_, key: string) => (values?: Values) => {
      const message = language.table[key];
      return message === undefined ? key : translate(message, values, language.locale);
    },
  }) as M;
}

function remembered(): string | null {
  return storage()?.getItem(KEY) ?? null;
}

/** Local storage, where the browser allows it. */
export function storage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
