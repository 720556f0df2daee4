// One request to our own server.
// Invariant: every failure is an `ApiError` with a code that `words` can say in the person's language.
import { EngineError } from "../engine/error";
import { engineWords } from "../engine/words";
import { language, later } from "../i18n/language.svelte";
import { m } from "../i18n/m";
import { within } from "./place";
import type { Challenge, ProblemDetails, Puzzle } from "./types";

const REQUIRED = "SECURITY_CHECKPOINT_REQUIRED";
const WAITING = "SECURITY_CHECKPOINT_WAITING";
/** Told to the page when something begins to wait. */
export const WAITS = "gridkeep:waits";
const CANCELLED = "checkpointCancelled";
/** Somebody else turned it down, or nobody approved it in time: the message says it. */
const REFUSED = "checkpointRefused";
/** Carries the solution of a puzzle. */
const WORK = "x-gridkeep-work";
/** Names the challenge that was approved for a request. */
const CHECKPOINT = "checkpoint";
/** So many sign in that there is a turn to wait for. */
const CROWDED = "crowded";
/** What somebody is asked to approve anew, and how often a turn is waited for, before it is given up. */
const ROUNDS = 10;

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly place: string | undefined;
  readonly puzzle: Puzzle | undefined;
  readonly checkpoint: Challenge | undefined;
  readonly triesLeft: number | undefined;
  /** Seconds after which another try makes sense. */
  readonly again: number;

  constructor(problem: Partial<ProblemDetails> & { status: number }, again = 0) {
    super(problem.detail ?? problem.title ?? "");
    this.status = problem.status;
    this.code = problem.code ?? "";
    this.place = problem.place;
    this.puzzle = problem.puzzle;
    this.checkpoint = problem.checkpoint;
    this.triesLeft = problem.triesLeft;
    this.again = again;
  }
}

/** As whom a maker looks at an app: an address, nothing for a guest. The server lets nothing be changed then. */
let seenAs: string | undefined;
export const seeAs = (address: string): void => {
  seenAs = address;
};

/** An address that a tag asks for, which sends no headers: with as whom a maker looks. */
export function seen(address: string): string {
  if (seenAs === undefined) return address;
  return `${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams({ as: seenAs })}`;
}

export interface Options {
  /** Sent as JSON, or as it is when it is bytes. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Statuses whose body is an answer rather than a failure. */
  expect?: readonly number[];
  /** Nobody is asked to approve anything: the challenge is the failure. */
  unasked?: boolean;
}

/** Asks the server and gives the response; fails with `ApiError`, status 0 when there is no connection. A puzzle that the
 *  server wants solved first is solved, once; a turn is waited for; what somebody is to approve first they are asked for, and
 *  then it goes on as if nothing had been between; so it does where somebody else approves while the page waits. */
export async function ask(method: string, path: string, options: Options = {}): Promise<Response> {
  let headers = options.headers;
  for (let round = 1; ; round++) {
    try {
      return await askWorking(method, path, headers ? { ...options, headers } : options);
    } catch (error) {
      const waits = error instanceof ApiError && error.code === WAITING && error.checkpoint;
      if (waits) globalThis.dispatchEvent?.(new Event(WAITS));
      if (waits && waits.fourEyes && !waits.executes && round <= ROUNDS && globalThis.document) {
        const { second } = await later(() => import("../checkpoint/second"), "checkpoint");
        const end = await second(waits);
        if (end.is === "left") throw error;
        if (end.is === "refused") throw new ApiError({ status: 403, code: REFUSED, detail: end.text });
        headers = { ...options.headers, [CHECKPOINT]: waits.challenge };
        continue;
      }
      if (error instanceof ApiError && error.code === CROWDED && round <= ROUNDS && globalThis.document) {
        const { turn } = await later(() => import("../turn/turn"), "turn");
        if (await turn(error.again, options.signal)) continue;
      }
      const challenge = error instanceof ApiError && error.code === REQUIRED && error.checkpoint;
      if (!challenge || options.unasked || round > ROUNDS || !globalThis.document) throw error;
      const { approve } = await later(() => import("../checkpoint/approve"), "checkpoint");
      const approval = await approve(challenge);
      if (approval.is === "cancelled") throw new ApiError({ status: 403, code: CANCELLED });
      headers = { ...options.headers, ...(approval.repeats ? { [CHECKPOINT]: approval.repeats } : {}) };
    }
  }
}

async function askWorking(method: string, path: string, options: Options): Promise<Response> {
  try {
    return await askOnce(method, path, options);
  } catch (error) {
    const puzzle = error instanceof ApiError ? error.puzzle : undefined;
    if (!puzzle || options.headers?.[WORK]) throw error;
    const { solution: solve } = await import("../puzzle/puzzle");
    const solution = await solve(puzzle, options.signal);
    if (solution === undefined) throw error;
    return askOnce(method, path, { ...options, headers: { ...options.headers, [WORK]: solution } });
  }
}

async function askOnce(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = {
    accept: "application/json",
    // The language chosen here, not the browser's: what the server says stands beside our own words.
    "accept-language": language.current,
    ...(seenAs === undefined ? {} : { "x-gridkeep-as": seenAs }),
    ...options.headers,
  };
  if (method !== "GET") headers["x-gridkeep"] = "1";
  let body: BodyInit | undefined;
  if (options.body instanceof Blob || options.body instanceof ArrayBuffer) body = options.body;
  else if (options.body !== undefined) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(within(path), {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: "offline" });
  }
  if (response.ok || options.expect?.includes(response.status)) {
    // Whatever is expected: what is to be approved first was not done.
    const problem = [202, 403].includes(response.status) ? await problemOf(response.clone()) : {};
    if (!problem.checkpoint) return response;
    throw new ApiError({ ...problem, status: response.status });
  }
  const again = Number(response.headers.get("retry-after"));
  throw new ApiError({ ...(await problemOf(response)), status: response.status }, again);
}

async function problemOf(response: Response): Promise<Partial<ProblemDetails>> {
  if (!/json/.test(response.headers.get("content-type") ?? "")) return {};
  return response.json().catch(() => ({}));
}

/** Asks and reads the JSON answer, where there is one: what was taken up or done has nothing to say. */
export async function askJson<T>(method: string, path: string, options?: Options): Promise<T> {
  const response = await ask(method, path, options);
  return ([202, 204].includes(response.status) ? undefined : await response.json()) as T;
}

/** A path of the tenant with its parameters encoded: path`/api/apps/${id}`. */
export function path(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  return within(
    strings.reduce((whole, part, index) => whole + encodeURIComponent(values[index - 1] ?? "") + part),
  );
}

/** Whether what is said of a failure is none: somebody went back, or it waits for somebody else. It is said calmly. */
export const calm = (text: string): boolean =>
  text === m.checkpoint_cancelled() || text === m.checkpoint_four_eyes();

/** A failure in words: ours for what can happen to anybody, else the server's own. */
export function words(error: unknown): string {
  if (error instanceof EngineError) return engineWords(error);
  if (!(error instanceof ApiError)) return m.error_unexpected();
  if (error.code === CROWDED || error.code === REFUSED) return error.message;
  if (error.code === CANCELLED) return m.checkpoint_cancelled();
  if (error.code === WAITING && error.checkpoint?.fourEyes) return m.checkpoint_four_eyes();
  switch (error.status) {
    case 0:
      return m.error_offline();
    case 401:
      return m.error_sign_in();
    case 403:
      return m.error_forbidden();
    case 404:
      return m.error_not_found();
    case 413:
      return m.error_too_large();
    case 429:
      return m.error_too_many();
    case 500:
    case 502:
    case 503:
    case 504:
      return m.error_server();
  }
  const text = error.message || m.error_unexpected();
  return error.place ? `${text} (${error.place})` : text;
}
