// One try to approve a challenge.
import { approveChallenge, type NewApproval, optionsOfChallenge } from "../api/approvals";
import { ApiError } from "../api/http";
import type { Challenge } from "../api/types";
import { m } from "./m";
import { showPasskey } from "../sign-in/passkey";

/** The ways there are here. */
export type Way = "passkey" | "pin" | "password" | "company";

/** What somebody said and proved. */
export interface Given {
  username: string;
  secret: string;
  comment: string;
}

/** Why it was not approved: what is to be told, and where. */
export class Refused extends Error {
  /** `over`: it can be approved no more. `pin`: it holds no longer, other ways do. `changed`: this is what it is now. */
  readonly about: "username" | "proof" | "pin" | "over" | "changed" | "other";
  readonly next: Challenge | undefined;

  constructor(about: Refused["about"], message: string, next?: Challenge) {
    super(message);
    this.about = about;
    this.next = next;
  }
}

/** Approves, and says what came of it. */
export async function prove(
  challenge: Challenge,
  way: Way,
  given: Given,
): Promise<"done" | "approved" | "failed"> {
  const comment = challenge.comment === "none" || !given.comment ? {} : { comment: given.comment };
  const said: NewApproval = {
    contentHash: challenge.contentHash,
    ...(challenge.username === null ? { username: given.username } : {}),
    ...comment,
  };
  try {
    if (way === "passkey") {
      const options = await optionsOfChallenge(challenge.challenge, comment.comment);
      const passkey = await showPasskey(options);
      if (!passkey) throw new Refused("other", m.passkey_none());
      said.passkey = passkey;
    } else if (way === "company") said.company = true;
    else said[way] = given.secret;
    return (await approveChallenge(challenge.challenge, said)).state;
  } catch (error) {
    throw told(error);
  }
}

/** An answer as what it means here. */
export function told(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  switch (error.code) {
    case "SECURITY_CHECKPOINT_REQUIRED":
      return new Refused("changed", m.checkpoint_changed(), error.checkpoint);
    case "wrongUsername":
      return new Refused("username", error.message);
    case "checkpointDenied":
      return new Refused(error.triesLeft === 0 ? "over" : "proof", error.message);
    case "pinDisabled":
      return new Refused("pin", error.message);
    case "checkpointOver":
    case "notFound":
      return new Refused("over", error.code === "notFound" ? m.checkpoint_gone() : error.message);
    default:
      // The server says what is wrong with a comment, or how long to wait.
      return error.status >= 400 && error.status < 500 && error.message
        ? new Refused("other", error.message)
        : error;
  }
}
