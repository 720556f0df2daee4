// The messages of the turn, which come with it.
import type { TurnMessages } from "$generated/messages/types";
import { messages } from "../i18n/language.svelte";

export const m = messages<TurnMessages>();
