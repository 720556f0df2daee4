// Sending a workbook to the server, with the progress that `fetch` cannot tell.
// Invariant: a failure is an `ApiError` that keeps the server's words and the place it names.
import { within } from "$lib/api/place";
import { ApiError } from "$lib/api/http";
import type { Creation, ProblemDetails } from "$lib/api/types";
import { language } from "$lib/i18n/language.svelte";

export interface Upload {
  creation: Promise<Creation>;
  cancel: () => void;
}

/** Posts `body` to `path`; `progress` hears from 0 to 1 how much of it has gone. */
export function upload(
  path: string,
  body: Blob | null,
  fileName: string | undefined,
  progress: (fraction: number) => void,
): Upload {
  const request = new XMLHttpRequest();
  const creation = new Promise<Creation>((resolve, reject) => {
    request.open("POST", within(path));
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("accept-language", language.current);
    request.setRequestHeader("x-gridkeep", "1");
    if (body) request.setRequestHeader("content-type", "application/octet-stream");
    if (fileName !== undefined) request.setRequestHeader("x-file-name", encodeURIComponent(fileName));
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.upload.onload = () => progress(1);
    request.onerror = () => reject(new ApiError({ status: 0, code: "offline" }));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.onload = () => {
      const answer = read(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer) resolve(answer as Creation);
      else reject(new ApiError({ ...(answer as Partial<ProblemDetails>), status: request.status }));
    };
    request.send(body);
  });
  return { creation, cancel: () => request.abort() };
}

function read(text: string): object | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
