// The client inside the portal's preview frame: it shows what the portal sends and tells what is tapped.
// Invariant: messages are heard only from a page of our own origin, and nothing is asked of the server.
import { language } from "$lib/i18n/language.svelte";
import { CONNECT, type FromPreview, type ToPreview } from "$lib/preview/protocol";
import { setAccent, theme } from "$lib/theme/theme.svelte";
import type { AppDefinition, ClientApp } from "$lib/api/types";
import { route } from "./route.svelte";
import { AppState } from "./state.svelte";

const HIGHLIGHT = "gridkeep-highlight";

/** Waits for the portal and hands every app it sends to `show`. */
export function startPreview(show: (app: AppState) => void): void {
  addEventListener("message", (event) => {
    const [port] = event.ports;
    if (event.origin === location.origin && event.data === CONNECT && port) connect(port, show);
  });
}

function connect(port: MessagePort, show: (app: AppState) => void): void {
  const tell = (message: FromPreview) => port.postMessage(message);
  let app: AppState | undefined;
  let queue = Promise.resolve();

  async function take(message: ToPreview): Promise<void> {
    switch (message.type) {
      case "preview":
        await display(message.locale, message.dark);
        app = new AppState(previewed(message.fileName, message.definition), message.bytes);
        setAccent(message.definition.accent);
        show(app);
        await app.engine().catch(() => {});
        break;
      case "definition":
        setAccent(message.definition.accent);
        await app?.redefine(message.definition);
        break;
      case "display":
        await display(message.locale, message.dark);
        await app?.reopen();
        break;
      case "highlight":
        highlight(app?.definition, message.id);
        return;
    }
    tell({ type: "view", screen: route.current.screen, calculationMs: app?.view?.calculationMs ?? 0 });
  }

  port.onmessage = (event: MessageEvent<ToPreview>) => {
    queue = queue.then(() => take(event.data)).catch(() => {});
  };
  addEventListener(
    "click",
    (event) => {
      const id =
        event.target instanceof Element && event.target.closest<HTMLElement>("[data-id]")?.dataset["id"];
      if (id) tell({ type: "selected", id });
    },
    { capture: true },
  );
  tell({ type: "ready" });
}

async function display(locale: "en" | "de", dark: boolean): Promise<void> {
  theme.set(dark ? "dark" : "light", false);
  await language.change(locale, false);
}

/** A maker's own app, not yet published. */
function previewed(fileName: string, definition: AppDefinition): ClientApp {
  return { id: "preview", version: 0, role: "maker", definition, fileName, maker: "" };
}

/** Outlines the component or field with this id, on its own screen. */
function highlight(definition: AppDefinition | undefined, id: string | null): void {
  document.querySelector(`.${HIGHLIGHT}`)?.classList.remove(HIGHLIGHT);
  if (!id || !definition) return;
  const screen = definition.screens.find(
    (candidate) =>
      candidate.id === id ||
      candidate.components.some(
        (component) =>
          component.id === id ||
          (component.type === "fields" && component.fields.some((field) => field.id === id)) ||
          (component.type === "card" && component.field.id === id),
      ),
  );
  if (screen && screen.id !== route.current.screen) route.go(screen.id);
  let tries = 0;
  const find = () => {
    const element = document.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (element) {
      element.classList.add(HIGHLIGHT);
      element.scrollIntoView({ block: "nearest" });
    } else if (tries++ < 20) requestAnimationFrame(find);
  };
  requestAnimationFrame(find);
}
