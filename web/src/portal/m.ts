// The portal's messages.
import type { PortalMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & PortalMessages>();
