// Links to files that the server writes.

/** Asks for the file of a link as for everything else, instead of leaving it to the browser: a checkpoint may have to be passed before,
 *  and what goes wrong is said here instead of being saved. */
export function saved(event: MouseEvent): void {
  event.preventDefault();
  const link = event.currentTarget as HTMLAnchorElement;
  void import("./save").then(({ save }) => save(link));
}
