// The shared messages with those of signing in, which come with it.
import type { SharedMessages, SignInMessages } from "$generated/messages/types";
import { messages } from "../i18n/language.svelte";

export const m = messages<SharedMessages & SignInMessages>();
