// The company's directory over the API, and what it did in plain words.
import { ask, askJson, path } from "$lib/api/http";
import type { Directory, DirectoryEvent, MadeDirectoryToken } from "$lib/api/types";
import { m } from "../m";

export const getDirectory = () => askJson<Directory>("GET", "/api/directory");
export const makeToken = (token: { provider: string; name: string; days?: number }) =>
  askJson<MadeDirectoryToken>("POST", "/api/directory/tokens", { body: token });
/** Answers for a token from now on: it is worth what one is. */
export const answerForToken = (id: string) =>
  ask("PUT", path`/api/directory/tokens/${id}/maker`, { body: {} });
export const endToken = (id: string) => ask("DELETE", path`/api/directory/tokens/${id}`);

/** Whether it came through. */
export const isFine = (event: DirectoryEvent) => event.status < 400;

/** What happened, in a sentence. */
export function told(event: DirectoryEvent): string {
  const name =
    event.subject ?? (event.target === "Groups" ? m.directory_event_group() : m.directory_event_user());
  const fine = isFine(event);
  switch (event.method) {
    case "POST":
      return fine ? m.directory_event_made({ name }) : m.directory_event_refused_made({ name });
    case "PUT":
    case "PATCH":
      return fine ? m.directory_event_changed({ name }) : m.directory_event_refused_changed({ name });
    case "DELETE":
      return fine ? m.directory_event_removed({ name }) : m.directory_event_refused_removed({ name });
    default:
      return fine ? m.directory_event_read() : m.directory_event_refused_read();
  }
}
