// A failure for people: the server's own words where it has some, for it knows the file and the place.
import { ApiError, words } from "$lib/api/http";
import { session } from "../account/session.svelte";

export interface Explained {
  text: string;
  place: string | undefined;
}

/** What to show for an error. */
export function explain(error: unknown): Explained {
  if (error instanceof ApiError && error.status === 401) void session.check();
  if (
    error instanceof ApiError &&
    error.message &&
    error.status >= 400 &&
    error.status < 500 &&
    error.status !== 401
  )
    return { text: error.message, place: error.place };
  return { text: words(error), place: undefined };
}
