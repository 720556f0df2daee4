// The messages that both entries share; an entry's own `m` has these and its own.
import type { SharedMessages } from "$generated/messages/types";
import { messages } from "./language.svelte";

export const m = messages<SharedMessages>();
