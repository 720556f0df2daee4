// Where the person is: #/screen, #/screen/row or #/screen/new. Links, the back button and bookmarks all work by it.

export interface Route {
  screen: string;
  /** Id of the row that is open, or `new`. */
  row: string;
}

/** Reads a location hash. */
export function parseHash(hash: string): Route {
  const [screen = "", row = ""] = hash.replace(/^#\/?/, "").split("/").map(decode);
  return { screen, row };
}

/** Writes a location hash. */
export function href(screen: string, row = ""): string {
  return `#/${[screen, row].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class RouteState {
  current = $state.raw<Route>({ screen: "", row: "" });
  /** Where the person was before, within this page's life. */
  #before: Route | undefined;

  start(): void {
    const read = () => (this.current = parseHash(location.hash));
    addEventListener("hashchange", () => {
      this.#before = this.current;
      read();
    });
    read();
  }

  go(screen: string, row = ""): void {
    location.hash = href(screen, row);
  }

  /** Closes a row: back if it was opened from its list, so that "back" does not open it again. */
  close(screen: string): void {
    const before = this.#before;
    this.#before = undefined;
    if (before && before.row === "" && (before.screen === screen || before.screen === "")) {
      history.back();
    } else {
      history.replaceState(null, "", href(screen));
      this.current = { screen, row: "" };
    }
  }
}

export const route = new RouteState();
