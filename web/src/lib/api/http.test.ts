import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Approval } from "../checkpoint/approve";
import type { Second } from "../checkpoint/second";
import { ApiError, ask, words } from "./http";

const asked = vi.hoisted(() => vi.fn<(challenge: { challenge: string }) => Promise<Approval>>());
vi.mock("../checkpoint/approve", () => ({ approve: asked }));
const paired = vi.hoisted(() => vi.fn<(challenge: { challenge: string }) => Promise<Second>>());
vi.mock("../checkpoint/second", () => ({ second: paired }));
const waited = vi.hoisted(() => vi.fn<(seconds: number) => Promise<boolean>>());
vi.mock("../turn/turn", () => ({ turn: waited }));

const challenge = (id: string, code = "SECURITY_CHECKPOINT_REQUIRED", status = 403, executes = true) => ({
  status,
  body: { status, code, title: "", detail: "first", checkpoint: { challenge: id, fourEyes: true, executes } },
});
/** One of our own operations, which takes a second person. */
const forTwo = (id: string) => challenge(id, "SECURITY_CHECKPOINT_WAITING", 202, false);
const done = { status: 200, body: { done: true } };

interface Answer {
  status: number;
  body: object;
}
let sent: { body: unknown; checkpoint: string | null }[];

function answers(...list: Answer[]): void {
  sent = [];
  vi.stubGlobal("fetch", async (_: string, { body, headers }: RequestInit) => {
    sent.push({ body, checkpoint: new Headers(headers).get("checkpoint") });
    const { status, body: json } = list.shift()!;
    return new Response(JSON.stringify(json), {
      status,
      headers: {
        "content-type": "application/problem+json",
        ...(status === 503 ? { "retry-after": "7" } : {}),
      },
    });
  });
}

beforeEach(() => void vi.stubGlobal("document", {}));
afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockReset();
  paired.mockReset();
  waited.mockReset();
});
const write = (expect?: number[]) => ask("POST", "/api/x", { body: { a: 1 }, ...(expect ? { expect } : {}) });

test("what was approved is sent again, in the name of its challenge", async () => {
  answers(challenge("one"), done);
  asked.mockResolvedValue({ is: "repeat", repeats: "one" });
  expect((await write()).status).toBe(200);
  expect(sent).toEqual([
    { body: '{"a":1}', checkpoint: null },
    { body: '{"a":1}', checkpoint: "one" },
  ]);
});

test("a challenge is asked about although its status is expected, and each anew", async () => {
  answers(challenge("one"), challenge("two"), done);
  asked.mockResolvedValueOnce({ is: "repeat", repeats: "one" });
  asked.mockResolvedValueOnce({ is: "repeat", anew: true });
  await write([403, 409]);
  expect(asked.mock.calls.map(([{ challenge }]) => challenge)).toEqual(["one", "two"]);
  expect(sent.map(({ checkpoint }) => checkpoint)).toEqual([null, "one", null]);
});

test("given up, it is a failure that says that nothing is lost", async () => {
  answers(challenge("one"));
  asked.mockResolvedValue({ is: "cancelled" });
  const error = await write().catch((error: unknown) => error);
  expect((error as ApiError).code).toBe("checkpointCancelled");
  expect(words(error)).toBe("checkpoint_cancelled");
  expect(sent).toHaveLength(1);
});

test("what waits for somebody else is asked of nobody here", async () => {
  answers(challenge("one", "SECURITY_CHECKPOINT_WAITING", 202));
  const error = await write().catch((error: unknown) => error);
  expect(words(error)).toBe("checkpoint_four_eyes");
  expect(asked).not.toHaveBeenCalled();
});

test("another refusal stays one, also where it is expected", async () => {
  const refused = { status: 403, body: { status: 403, code: "forbidden", title: "" } };
  answers(refused, refused);
  await expect(write()).rejects.toMatchObject({ code: "forbidden" });
  expect((await write([403])).status).toBe(403);
  expect(asked).not.toHaveBeenCalled();
});

test("a server that never has enough is given up in the end", async () => {
  answers(...Array.from({ length: 20 }, (_, index) => challenge(String(index))));
  asked.mockResolvedValue({ is: "repeat", anew: true });
  await expect(write()).rejects.toMatchObject({ code: "SECURITY_CHECKPOINT_REQUIRED" });
  expect(sent.length).toBeLessThan(15);
});

const crowded = {
  status: 503,
  body: { status: 503, code: "crowded", title: "", detail: "Many people sign in" },
};

test("a turn is waited for, as long as the server says", async () => {
  answers(crowded, crowded, done);
  waited.mockResolvedValue(true);
  expect((await write()).status).toBe(200);
  expect(waited.mock.calls.map(([seconds]) => seconds)).toEqual([7, 7]);
  expect(sent.length).toBe(3);
});

test("whoever does not wait for their turn reads why", async () => {
  answers(crowded);
  waited.mockResolvedValue(false);
  const error = await write().catch((refused: unknown) => refused);
  expect(words(error)).toBe("Many people sign in");
  expect(sent.length).toBe(1);
});

test("what takes a second person goes on once they have approved, in the name of its challenge", async () => {
  answers(forTwo("one"), done);
  paired.mockResolvedValue({ is: "approved" });
  expect((await write()).status).toBe(200);
  expect(sent.map(({ checkpoint }) => checkpoint)).toEqual([null, "one"]);
  expect(asked).not.toHaveBeenCalled();
});

test("what a second person turned down is said in their words; what is left goes on waiting", async () => {
  answers(forTwo("one"), forTwo("two"));
  paired.mockResolvedValueOnce({ is: "refused", text: "Not now." });
  expect(words(await write().catch((error: unknown) => error))).toBe("Not now.");
  paired.mockResolvedValueOnce({ is: "left" });
  expect(words(await write().catch((error: unknown) => error))).toBe("checkpoint_four_eyes");
  expect(sent.length).toBe(2);
});
