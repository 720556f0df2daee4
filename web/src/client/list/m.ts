// The client's messages with those of rows in lists and forms, which come with them.
import type { ClientMessages, RowsMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & RowsMessages>();
