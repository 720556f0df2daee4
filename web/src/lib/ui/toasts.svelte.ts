// Short messages that do not interrupt, spoken by screen readers through one live region.
// Invariant: a message with something to do stays until it is answered or replaced; nothing is lost to a timer.

export interface Toast {
  id: number;
  text: string;
  tone: "info" | "error";
  action?: { label: string; run: () => void } | undefined;
}

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  /** Shows `text`; goes away by itself after a while unless it is an error or offers an action. */
  show(text: string, options: { tone?: Toast["tone"]; action?: Toast["action"] } = {}): void {
    const toast: Toast = { id: this.#next++, text, tone: options.tone ?? "info", action: options.action };
    this.list = [...this.list.slice(-1), toast];
    if (toast.tone === "info" && !toast.action) setTimeout(() => this.dismiss(toast.id), 6000);
  }

  /** Takes one away. */
  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
