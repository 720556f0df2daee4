// The client's messages with those of scenarios, which come with them.
import type { ClientMessages, ScenariosMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & ScenariosMessages>();
