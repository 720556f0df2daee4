// The client's messages with those of its settings, which come with them.
import type { ClientMessages, SettingsMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & SettingsMessages>();
