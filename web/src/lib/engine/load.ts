// Loads the engine that `cargo xtask wasm` builds into src/generated/engine.
// Invariant: the engine is fetched once, and a build or test without it still compiles.
import { EngineError } from "./error";
import type { EngineModule } from "./types";

const modules = import.meta.glob<EngineModule>("../../generated/engine/gridkeep_wasm.js");
const urls = import.meta.glob<string>("../../generated/engine/gridkeep_wasm_bg.wasm", {
  query: "?url",
  import: "default",
});

let loaded: Promise<EngineModule> | undefined;

/** The engine, ready; `progress` hears from 0 to 1 while it is fetched. A failed try may be repeated. */
export function load(progress: (fraction: number) => void): Promise<EngineModule> {
  loaded ??= fetchEngine(progress).catch((error: unknown) => {
    loaded = undefined;
    const message = error instanceof Error ? error.message : String(error);
    throw new EngineError({ code: "notLoaded", message });
  });
  return loaded;
}

async function fetchEngine(progress: (fraction: number) => void): Promise<EngineModule> {
  const [loadModule] = Object.values(modules);
  const [loadUrl] = Object.values(urls);
  if (!loadModule || !loadUrl) throw new Error("this build has no engine: run `cargo xtask wasm`");
  const [engine, url] = await Promise.all([loadModule(), loadUrl()]);
  await engine.default({ module_or_path: counted(await fetch(url), progress) });
  engine.init_panic_hook();
  return engine;
}

/** The same response, telling how much of it has come. Its length is known only when it was not compressed. */
function counted(response: Response, progress: (fraction: number) => void): Response {
  if (!response.ok || !response.body) throw new Error(`the engine could not be loaded (${response.status})`);
  const encoded = response.headers.has("content-encoding");
  const total = encoded ? 0 : Number(response.headers.get("content-length"));
  if (!total) return response;
  let come = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      come += chunk.byteLength;
      progress(Math.min(1, come / total));
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: response.headers });
}
