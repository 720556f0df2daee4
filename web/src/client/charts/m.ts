// The client's messages with those of charts, which come with them.
import type { ChartsMessages, ClientMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & ChartsMessages>();
