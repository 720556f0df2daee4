// What workspaces are called.
import { m } from "../m";

/** The server's first, as long as nobody has named it. */
export const FIRST = "default";

/** What people read. */
export const workspaceTitle = (title: string): string => (title === FIRST ? m.workspace_first() : title);
