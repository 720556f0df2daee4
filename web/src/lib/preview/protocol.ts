// What the portal and the client inside its preview frame tell each other, over a MessageChannel.
// Invariant: only pages of our own origin take part.
import type { AppDefinition } from "../api/types";

/** The window message that carries the channel's port to the client. */
export const CONNECT = "gridkeep-preview";
/** Where the client runs as a preview. */
export const PREVIEW_PATH = "/app/preview";

export type ToPreview =
  | {
      type: "preview";
      bytes: ArrayBuffer;
      fileName: string;
      definition: AppDefinition;
      locale: "en" | "de";
      dark: boolean;
    }
  | { type: "definition"; definition: AppDefinition }
  /** Another language or scheme over the same app; entries stay. */
  | { type: "display"; locale: "en" | "de"; dark: boolean }
  /** Outlines a component, card or field on its screen; null takes the outline away. */
  | { type: "highlight"; id: string | null };

/** `view` tells that a new view is shown; with it the screen that is open. */
export type FromPreview =
  | { type: "ready" }
  | { type: "selected"; id: string }
  | { type: "view"; screen: string; calculationMs: number };
