// Signing in anew at one's own company, in a page beside this one: what is open here stays as it is.
// Invariant: the page is opened by the press itself, so that no browser keeps it back; where one does, there is a link. What is
// told between the pages is no proof: the server has that, or has not.
import { within } from "../api/place";

const PREFIX = "gridkeep:company:";
const asked = (id: string): string => `${PREFIX}${id}:comment`;
const answered = (id: string): string => `${PREFIX}${id}`;

/** Somebody is on their way. */
export interface Beside {
  /** Where the page is, for a link. */
  readonly address: string;
  /** They came back, with whatever. Never, where they do not. */
  readonly came: Promise<void>;
  /** Nobody waits for them any more. */
  end(): void;
}

/** Opens the page of a challenge; called while something is pressed. */
export function beside(id: string, comment: string): Beside {
  const address = within(`/checkpoint/${id}?at=company`);
  const leave = new AbortController();
  const { signal } = leave;
  keep(answered(id), undefined);
  keep(asked(id), comment);
  const came = new Promise<void>((resolve) => {
    const look = () => {
      if (read(answered(id)) === undefined) return;
      end();
      resolve();
    };
    // A phone that shows one page at a time may tell this one only when it is looked at again.
    addEventListener("storage", look, { signal });
    addEventListener("focus", look, { signal });
    document.addEventListener("visibilitychange", look, { signal });
  });
  const end = () => {
    leave.abort();
    keep(answered(id), undefined);
    keep(asked(id), undefined);
  };
  window.open(address, "_blank");
  return { address, came, end };
}

/** What is said to it, for the page beside. */
export const commentOf = (id: string): string | undefined => read(asked(id)) || undefined;

/** Tells the page that waits that they came back. */
export const tellBack = (id: string, word: string): void => keep(answered(id), word);

function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Without it nobody is told, and a press on OK asks the server.
  }
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}
