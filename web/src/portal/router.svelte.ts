// The page's address as state.
// Invariant: a change of page moves the focus to its heading, so that screen readers and keyboards start there.
import { within, without } from "$lib/api/place";
import { parse, path, type Route } from "./route";

/** The route of an address of this tenant. */
const routeAt = (address: string) => parse(without(address));

/** Whether a link leads away from this tenant's portal, and says so where its address alone would not. */
const isElsewhere = (link: HTMLAnchorElement) =>
  link.origin !== location.origin || link.relList.contains("external");

class Router {
  route = $state.raw<Route>(routeAt(location.pathname));
  /** Said once on the next page, such as that an app has just been published. */
  arrival = $state.raw<string | undefined>(undefined);
  #arriving = false;

  constructor() {
    addEventListener("popstate", () => this.#show(routeAt(location.pathname)));
  }

  /** Goes to a page; `query` is what a link says behind its address. */
  go(route: Route, options: { replace?: boolean; arrival?: string; query?: string } = {}): void {
    const to = within(path(route)) + (options.query ?? "");
    this.arrival = options.arrival;
    if (options.replace || to === location.pathname + location.search) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
    this.#show(route);
  }

  /** For links: goes there without loading the page anew; presses with a modifier stay the browser's. */
  follow = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || isElsewhere(link)) return;
    const route = routeAt(link.pathname);
    if (route.page === "unknown" || link.hash) return;
    event.preventDefault();
    this.go(route, { query: link.search });
  };

  /** For links about to be used: those to pages lead to this tenant's, also in a new tab. */
  locate = (event: Event): void => {
    const link = (event.target as Element).closest?.("a");
    if (!link || isElsewhere(link) || routeAt(link.pathname).page === "unknown") return;
    if (link.pathname !== within(link.pathname)) link.pathname = within(link.pathname);
  };

  /** Attached to the heading of every page: takes the focus when the page was gone to, also one that loads late. */
  heading = (element: HTMLElement): void => {
    if (!this.#arriving) return;
    this.#arriving = false;
    element.focus({ preventScroll: true });
  };

  #show(route: Route): void {
    this.#arriving = true;
    this.route = route;
    scrollTo(0, 0);
  }
}

export const router = new Router();
