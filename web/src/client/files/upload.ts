// Sends a file to the server, and says how far it is.
// Invariant: every failure is an `ApiError`, as with any other request; fetch cannot say how much was sent.
import { ApiError, path } from "$lib/api/http";
import { language } from "$lib/i18n/language.svelte";
import type { FileValue } from "./file";
import { small } from "./smaller";

export interface Place {
  app: string;
  table: string;
  column: string;
  row: string;
}

/** A file is larger than its column takes. */
export class TooLarge extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super();
    this.bytes = bytes;
  }
}

interface Stored {
  object: string;
  mediaType: string;
  size: number;
  name: string | null;
}

/** Sends a file, and a small picture of it before; without that one it does. */
export async function upload(
  to: Place,
  file: File,
  progress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<FileValue> {
  const picture = await small(file);
  const sent = picture && send(to, picture, () => {}, signal, { isSmall: "true" });
  const first = await sent?.catch(() => undefined);
  return send(to, file, progress, signal, first ? { small: first.object } : {});
}

function send(
  to: Place,
  file: File,
  progress: (fraction: number) => void,
  signal: AbortSignal,
  more: Record<string, string>,
): Promise<FileValue> {
  const where = path`/api/apps/${to.app}/tables/${to.table}/files`;
  const query = new URLSearchParams({ column: to.column, row: to.row, name: file.name, ...more });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${where}?${query}`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("accept-language", language.current);
    request.setRequestHeader("x-gridkeep", "1");
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    const offline = () => reject(new ApiError({ status: 0, code: "offline" }));
    request.onerror = offline;
    request.onabort = offline;
    request.onload = () => {
      const answer = request.response as (Stored & Partial<ApiError>) | null;
      if (request.status !== 201 || !answer)
        return reject(new ApiError({ ...answer, status: request.status } as { status: number }));
      const { object, mediaType: type, size, name } = answer;
      resolve({ object, type, size, ...(name ? { name } : {}) });
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
