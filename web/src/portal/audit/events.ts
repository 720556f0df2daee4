// Events that handlers can be told of, and what they are called.
import { m } from "../m";

export const HEAD = "AUDIT_HEAD_SIGNED";

/** Those that can be chosen, and their words. */
export const events = [
  ["SECURITY_CHECKPOINT_SUCCESS", m.event_passed],
  ["SECURITY_CHECKPOINT_DENIED", m.event_denied],
  ["SECURITY_CHECKPOINT_CONFIG_CHANGED", m.event_config],
  [HEAD, m.event_head],
] as const;

const words = new Map<string, () => string>(events);

/** What an event is; one that nobody has words for, as programs call it. */
export const eventName = (event: string) => words.get(event)?.() ?? event;

const kinds: Record<string, () => string> = {
  mail: m.handler_by_mail,
  webhook: m.handler_by_webhook,
  bucket: m.handler_by_bucket,
};

/** How a handler is told. */
export const kindName = (kind: string) => kinds[kind]?.() ?? kind;

const states: Record<string, () => string> = {
  waiting: m.delivery_waiting,
  done: m.delivery_done,
  dead: m.delivery_dead,
};

/** What has become of a delivery. */
export const stateName = (state: string) => states[state]?.() ?? state;
