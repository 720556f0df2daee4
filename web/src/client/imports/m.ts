// The client's messages with those of importing, which come with it.
import type { ClientMessages, ImportsMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & ImportsMessages>();
