// A file of the server's, asked for by us and then handed to the browser. It is whole before it is saved, in the browser's own keeping.
import { ask, calm, words } from "../api/http";
import { toasts } from "../ui/toasts.svelte";

/** How long a browser may take to begin saving. */
const HANDED = 60_000;

/** The name that the server gives a file (RFC 6266); nothing where it gives none. */
export function nameOf(disposition: string | null): string {
  const name = /filename\*=UTF-8''([^;\s]+)/i.exec(disposition ?? "")?.[1];
  try {
    return name ? decodeURIComponent(name) : "";
  } catch {
    return "";
  }
}

/** Saves the file at this address. */
export async function saveFrom(address: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await ask("GET", address, {
    // A gate asks our own pages alone: others can have a browser follow a link.
    headers: { accept: "*/*", "x-gridkeep": "1", ...headers },
  });
  const whole = URL.createObjectURL(await answer.blob());
  const own = document.createElement("a");
  own.href = whole;
  own.download = nameOf(answer.headers.get("content-disposition"));
  own.click();
  setTimeout(() => URL.revokeObjectURL(whole), HANDED);
}

/** Saves the file that a link leads to. One press is enough while it is under way. */
export async function save(link: HTMLAnchorElement): Promise<void> {
  if (link.ariaBusy) return;
  const busy = (is: boolean) => {
    link.ariaBusy = is ? "true" : null;
    // As a button shows it.
    link.classList.toggle("busy", is);
  };
  busy(true);
  try {
    await saveFrom(link.getAttribute("href") ?? "");
  } catch (error) {
    const said = words(error);
    toasts.show(said, calm(said) ? {} : { tone: "error" });
  } finally {
    busy(false);
  }
}
