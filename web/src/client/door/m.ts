// The client's messages with those of its door and of signing in, which come with it.
import type { ClientMessages, DoorMessages, SharedMessages, SignInMessages } from "$generated/messages/types";
import { messages } from "$lib/i18n/language.svelte";

export const m = messages<SharedMessages & ClientMessages & SignInMessages & DoorMessages>();
