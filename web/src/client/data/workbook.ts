// The workbook's bytes, kept on the device by version, so that the second visit loads nothing.
import { workbookPath } from "$lib/api/apps";
import { ask, path } from "$lib/api/http";

const CACHE = "gridkeep-workbooks";

/** The workbook of a version; older versions of the same app are dropped from the device. */
export async function workbookBytes(app: string, version: number): Promise<ArrayBuffer> {
  const key = workbookPath(app, version);
  const cache = await openCache();
  const kept = await cache?.match(key);
  if (kept) return kept.arrayBuffer();
  const response = await ask("GET", key);
  const bytes = await response.arrayBuffer();
  if (cache) {
    try {
      await cache.put(key, new Response(bytes.slice(0)));
      await dropOthers(cache, path`/api/apps/${app}/`, key);
    } catch {
      // No room on the device: it is loaded again next time.
    }
  }
  return bytes;
}

/** Where the page is not secure (plain http), browsers offer no cache. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch {
    return undefined;
  }
}

async function dropOthers(cache: Cache, prefix: string, keep: string): Promise<void> {
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(prefix) && pathname !== keep) await cache.delete(request);
  }
}
