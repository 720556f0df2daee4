// The worker that holds the engine and one open workbook.
// Invariant: it answers requests in their order, and every one of them, so the page never waits in vain.
import { EngineError } from "./error";
import { load } from "./load";
import type { EngineReply, EngineRequest, Workbench } from "./types";

let workbench: Workbench | undefined;

const post = (reply: EngineReply) => self.postMessage(reply);

// Fetched at once, while the page still fetches the workbook; a failure is told when the workbook is opened.
void load((progress) => post({ progress })).catch(() => {});

async function answer(request: EngineRequest): Promise<string> {
  if ("open" in request) {
    const engine = await load((progress) => post({ progress }));
    workbench?.free();
    const { bytes, fileName, now, locale } = request.open;
    workbench = engine.Workbench.open(new Uint8Array(bytes), fileName, now, locale);
    return "null";
  }
  if (!workbench) throw new Error("no workbook is open");
  if ("inputs" in request) {
    let view = "null";
    for (const [id, value] of request.inputs) view = workbench.input(id, JSON.stringify(value));
    return view;
  }
  const method = workbench[request.method] as (...parameters: (string | number)[]) => string;
  return method.apply(workbench, request.parameters);
}

/** The engine's errors are JSON in an error's message; anything else is unexpected. */
function failure(error: unknown): { code: string; message: string; place?: string } {
  if (error instanceof EngineError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  try {
    const read: unknown = JSON.parse(message);
    if (read && typeof read === "object" && "code" in read) return read as ReturnType<typeof failure>;
  } catch {
    // Not JSON: told as it is.
  }
  return { code: "unexpected", message };
}

let queue = Promise.resolve();
self.addEventListener("message", (event: MessageEvent<EngineRequest>) => {
  queue = queue.then(async () => {
    const { id } = event.data;
    try {
      post({ id, json: await answer(event.data) });
    } catch (error) {
      post({ id, failure: failure(error) });
    }
  });
});
