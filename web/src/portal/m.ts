// The portal's messages; its first load has all that are shared.
import type {
  CheckpointMessages,
  PortalMessages,
  SharedMessages,
  SignInMessages,
} from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & SignInMessages & CheckpointMessages & PortalMessages>();
