// The shared messages with those of what asks and of what waits, which come with it.
import type { CheckpointMessages, SharedMessages } from "$generated/messages/types";
import { messages } from "../i18n/language.svelte";

export const m = messages<SharedMessages & CheckpointMessages>();
