// One question to the service from the console, and its answer as text that is safe to show.
// Invariant: never more than LIMIT bytes are kept of an answer, and numbers stay the text the server wrote.
import { ApiError } from "$lib/api/http";
import { language } from "$lib/i18n/language.svelte";

/** What is read of an answer, in bytes. */
const LIMIT = 256 * 1024;
/** What is shown of it, in characters. */
export const SHOWN = 20_000;

export interface Answer {
  status: number;
  reason: string;
  /** Until its last byte, in milliseconds. */
  took: number;
  /** As it came. */
  text: string;
  json: boolean;
  /** There was more than is kept. */
  cut: boolean;
}

/** Asks with the session's cookie; every status is an answer. Fails with `ApiError` 0 without a connection. */
export async function run(url: URL, signal: AbortSignal): Promise<Answer> {
  const began = performance.now();
  try {
    const response = await fetch(url.pathname + url.search, {
      headers: { accept: "application/json, */*;q=0.5", "accept-language": language.current },
      credentials: "same-origin",
      signal,
    });
    const { text, cut } = await read(response.body);
    return {
      status: response.status,
      reason: response.statusText,
      took: performance.now() - began,
      text,
      json: /json/.test(response.headers.get("content-type") ?? ""),
      cut,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError({ status: 0, code: "offline" });
  }
}

async function read(stream: ReadableStream<Uint8Array> | null): Promise<{ text: string; cut: boolean }> {
  if (!stream) return { text: "", cut: false };
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), cut: false };
    text += decoder.decode(value, { stream: true });
    bytes += value.length;
    if (bytes > LIMIT) {
      await reader.cancel();
      return { text, cut: true };
    }
  }
}

/** A piece of shown JSON: a name, or anything else. */
export type Piece = { name: boolean; text: string };

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON in lines, cut at `limit` characters. Token by token, so that 12.50 and 9007199254740993 stay what they are. */
export function pretty(json: string, limit: number = SHOWN): { pieces: Piece[]; cut: boolean } {
  const pieces: Piece[] = [];
  let [plain, length, depth] = ["", 0, 0];
  const put = (text: string) => {
    plain += text;
    length += text.length;
  };
  const line = () => put(`\n${"  ".repeat(Math.min(depth, 20))}`);
  const tokens = json.match(TOKEN) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (length + token.length > limit) {
      if (plain) pieces.push({ name: false, text: plain });
      return { pieces, cut: true };
    }
    const next = tokens[index + 1];
    if (token === "{" || token === "[") {
      put(token);
      depth += 1;
      if (next !== "}" && next !== "]") line();
    } else if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      const before = tokens[index - 1];
      if (before !== "{" && before !== "[") line();
      put(token);
    } else if (token === ",") {
      put(token);
      line();
    } else if (token === ":") put(": ");
    else if (next === ":" && token.startsWith('"')) {
      if (plain) pieces.push({ name: false, text: plain });
      pieces.push({ name: true, text: token });
      plain = "";
      length += token.length;
    } else put(token);
  }
  if (plain) pieces.push({ name: false, text: plain });
  return { pieces, cut: false };
}

/** Where the next page is, if the answer says so. */
export function nextLink({ json, cut, text }: Answer): string | undefined {
  if (!json || cut) return undefined;
  try {
    const answer = JSON.parse(text) as Record<string, unknown>;
    const link = answer["@nextLink"] ?? answer["@odata.nextLink"];
    return typeof link === "string" ? link : undefined;
  } catch {
    return undefined;
  }
}
