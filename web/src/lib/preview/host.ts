// The portal's side of a preview frame.
// Invariant: what is sent before the client listens is kept and comes in order once it does.
import { CONNECT, type FromPreview, type ToPreview } from "./protocol";

/** How long the client may take to answer before it is called again, in milliseconds. */
const PATIENCE = 200;

export class PreviewHost {
  #port: MessagePort | undefined;
  #waiting: ToPreview[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** Call it on the frame's `load`; the client's script may still be on its way then. */
  constructor(frame: HTMLIFrameElement, hear: (message: FromPreview) => void) {
    this.#call(frame, hear);
  }

  #call(frame: HTMLIFrameElement, hear: (message: FromPreview) => void): void {
    if (this.#closed || this.#port) return;
    const channel = new MessageChannel();
    const port = channel.port1;
    port.onmessage = (event: MessageEvent<FromPreview>) => {
      if (!this.#port && !this.#closed) this.#take(port);
      // A second call may have been heard too; the first answer wins.
      if (this.#port === port) hear(event.data);
      else port.close();
    };
    frame.contentWindow?.postMessage(CONNECT, location.origin, [channel.port2]);
    this.#timer = setTimeout(() => this.#call(frame, hear), PATIENCE);
  }

  #take(port: MessagePort): void {
    this.#port = port;
    clearTimeout(this.#timer);
    for (const message of this.#waiting.splice(0)) port.postMessage(message);
  }

  /** Tells the client something; bytes are copied, so the portal keeps its own. */
  send(message: ToPreview): void {
    if (this.#port) this.#port.postMessage(message);
    else this.#waiting.push(message);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#port?.close();
  }
}
