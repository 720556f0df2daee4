import { expect, test } from "vitest";
import { Engine, civilNow, type Port } from "./engine";
import { EngineError } from "./error";
import type { EngineReply, EngineRequest } from "./types";

/** A worker that answers only when told to. */
function fake() {
  const asked: EngineRequest[] = [];
  let hear: (event: { data: EngineReply }) => void = () => {};
  const port = {
    postMessage: (message: unknown) => void asked.push(message as EngineRequest),
    addEventListener: (type: string, listener: unknown) => {
      if (type === "message") hear = listener as never;
    },
    terminate: () => {},
  } as Port;
  return { port, asked, reply: (reply: EngineReply) => hear({ data: reply }) };
}
const settled = async () => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
};

test("the latest input of a field wins while one is calculated", async () => {
  const { port, asked, reply } = fake();
  const engine = new Engine(port);
  const first = engine.input("amount", 1);
  await settled();
  const second = engine.input("amount", 12);
  const third = engine.input("rate", 0.05);
  const fourth = engine.input("amount", 123);
  await settled();
  expect(asked).toEqual([{ id: 1, inputs: [["amount", 1]] }]);

  reply({ id: 1, json: '{"calculationMs":1}' });
  expect(await first).toEqual({ calculationMs: 1 });
  await settled();
  expect(asked[1]).toEqual({
    id: 2,
    inputs: [
      ["rate", 0.05],
      ["amount", 123],
    ],
  });
  reply({ id: 2, json: '{"calculationMs":2}' });
  expect(await Promise.all([second, third, fourth])).toEqual(Array(3).fill({ calculationMs: 2 }));
});

test("a failed input does not hold back the next", async () => {
  const { port, asked, reply } = fake();
  const engine = new Engine(port);
  const first = engine.input("a", 1);
  await settled();
  reply({ id: 1, failure: { code: "unknownField", message: "no such field" } });
  await expect(first).rejects.toThrow("no such field");
  void engine.input("a", 2);
  await settled();
  expect(asked).toHaveLength(2);
});

test("failures keep code and place; closing fails what waits", async () => {
  const { port, reply } = fake();
  const engine = new Engine(port);
  const opened = engine.open(new ArrayBuffer(1), {
    fileName: "a.xlsx",
    locale: "en",
    now: "2026-11-21T08:00:00",
  });
  reply({ id: 1, failure: { code: "truncated", message: "the file ends early", place: "xl/workbook.xml" } });
  await expect(opened).rejects.toMatchObject({ code: "truncated", place: "xl/workbook.xml" });
  const view = engine.view();
  engine.close();
  await expect(view).rejects.toBeInstanceOf(EngineError);
});

test("the civil moment", () => expect(civilNow(new Date(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02T03:04:05"));
