// The portal's side of a preview frame.
import { CONNECT, type FromPreview, type ToPreview } from "./protocol";

export class PreviewHost {
  #port: MessagePort;

  /** Call it on the frame's `load`: the client listens from then on. */
  constructor(frame: HTMLIFrameElement, hear: (message: FromPreview) => void) {
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = (event: MessageEvent<FromPreview>) => hear(event.data);
    frame.contentWindow?.postMessage(CONNECT, location.origin, [channel.port2]);
  }

  /** Tells the client something; bytes are copied, so the portal keeps its own. */
  send(message: ToPreview): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }
}
