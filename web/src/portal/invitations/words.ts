// What an invitation stands at, and what is wrong with a line of a list, in words.
import type { GuestProblem, Standing } from "$lib/api/invitations";
import { m } from "../m";

const said: Record<Standing, () => string> = {
  queued: m.invited_queued,
  sent: m.invited_sent,
  kept: m.invited_kept,
  held: m.invited_held,
  bounced: m.invited_bounced,
  failed: m.invited_failed,
  accepted: m.invited_accepted,
  declined: m.invited_declined,
  expired: m.invited_expired,
  revoked: m.invited_revoked,
};

export const standingName = (standing: Standing): string => said[standing]();

/** Those that may be mailed again or taken back. */
export const isOpen = (standing: Standing): boolean =>
  !["accepted", "declined", "revoked"].includes(standing);

/** Those that somebody is to look at. */
export const isTrouble = (standing: Standing): boolean =>
  ["bounced", "failed", "expired", "declined"].includes(standing);

/** What is wrong with a line. */
export function wrongWith(problem: GuestProblem): string {
  const other = problem.other ?? "";
  switch (problem.wrong) {
    case "address":
      return m.line_address();
    case "twin":
      return m.line_twin({ other });
    case "duplicate":
      return m.line_duplicate({ line: other });
    case "role":
      return m.line_role();
    case "roleTooHigh":
      return m.line_role_high();
    case "group":
      return m.line_group();
    case "level":
      return m.line_level();
    case "language":
      return m.line_language();
    case "named":
      return m.line_named();
    case "full":
      return m.line_full({ count: Number(other) });
    case "member":
      return m.line_member();
    case "invited":
      return m.line_invited();
    case "name":
      return m.line_name();
    case "tooMany":
      return m.line_too_many({ count: Number(other) });
    default:
      return m.line_unreadable();
  }
}
