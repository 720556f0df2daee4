// The person's language: taken from the browser, changed by a switch, remembered on this device.
// Invariant: messages of exactly one language are loaded, and everything that showed one is shown anew on a switch.
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
  #loaders: Loaders | undefined;

  /** Loads the messages of the person's language; `m` gives texts once it has resolved. */
  async start(loaders: Loaders, chosen = remembered()): Promise<void> {
    this.#loaders = loaders;
    await this.#show(pick(chosen, navigator.languages));
  }

  /** Changes the language and remembers it on this device. */
  async change(language: Language, remember = true): Promise<void> {
    if (language === this.current) return;
    if (remember) storage()?.setItem(KEY, language);
    await this.#show(language);
  }

  async #show(language: Language): Promise<void> {
    const loaded = await this.#loaders?.[language]();
    if (!loaded) return;
    this.table = loaded.default;
    this.current = language;
    this.locale = regional(language, navigator.languages);
    document.documentElement.lang = language;
  }
}

export const language = new LanguageState();

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
