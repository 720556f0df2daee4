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

/** What was said at the last try, where the server has words of its own for it; others come from elsewhere. */
const answers: Record<string, () => string> = {
  off: m.answer_off,
  "not an address that is asked": m.answer_address,
  "an address inside": m.answer_inside,
  "no connection": m.answer_none,
  "no safe connection": m.answer_unsafe,
  "too large an answer": m.answer_large,
};

/** What was said at the last try. */
export function answerName(answer: string): string {
  const status = /^an answer of status (\d+)$/.exec(answer)?.[1];
  return status ? m.answer_status({ status }) : (answers[answer]?.() ?? answer);
}

const states: Record<string, () => string> = {
  waiting: m.delivery_waiting,
  done: m.delivery_done,
  dead: m.delivery_dead,
};

/** What has become of a delivery. */
export const stateName = (state: string) => states[state]?.() ?? state;
