// Challenges of security checkpoints: looked at, approved, given up; the PIN.
import { askJson, path } from "./http";
import type { NewProof } from "./security";
import type { Challenge, Pin, WaitingForApproval } from "./types";

/** As it is now, with the ways in which whoever asks can prove that they are there. */
export const getChallenge = (id: string) =>
  askJson<Challenge>("GET", path`/api/checkpoints/challenges/${id}`);

/** Gives it up: nothing is done. What is over is put away. */
export const cancelChallenge = (id: string) =>
  askJson<void>("DELETE", path`/api/checkpoints/challenges/${id}`);

/** Turns down what somebody else began, or takes back that it was approved: nothing is done, and they are told why. */
export const refuseChallenge = (id: string, comment: string) =>
  askJson<void>("POST", path`/api/checkpoints/challenges/${id}/refuse`, {
    body: { ...(comment ? { comment } : {}) },
  });

/** Waits as long again, up to a few times. */
export const extendChallenge = (id: string) =>
  askJson<Challenge>("POST", path`/api/checkpoints/challenges/${id}/extend`);

/** What to ask the browser for so that a passkey signs the content; the comment stays what it is. */
export const optionsOfChallenge = (id: string, comment: string | undefined) =>
  askJson<PublicKeyCredentialRequestOptionsJSON>("POST", path`/api/checkpoints/challenges/${id}/passkey`, {
    body: { ...(comment === undefined ? {} : { comment }) },
  });

/** Where to sign in anew to approve; the comment stays what it is. */
export const companyOfChallenge = (id: string, comment: string | undefined) =>
  askJson<{ location: string }>("POST", path`/api/checkpoints/challenges/${id}/company`, {
    body: { ...(comment === undefined ? {} : { comment }) },
  });

export interface NewApproval {
  contentHash: string;
  username?: string;
  comment?: string;
  password?: string;
  pin?: string;
  passkey?: object;
  company?: true;
}

/** `done`, or `approved` where the request is to be repeated; `failed` where it was refused. A challenge in its answer is of
 *  another content than was shown, and asked for by whoever called this. */
export const approveChallenge = (id: string, body: NewApproval) =>
  askJson<{ state: "done" | "approved" | "failed" }>(
    "POST",
    path`/api/checkpoints/challenges/${id}/approve`,
    {
      body,
      expect: [409],
      unasked: true,
    },
  );

/** What waits for the person who asks: the first page of each kind, or what follows these. */
export const getWaiting = (after: { afterOwn?: string; afterOthers?: string; afterGiven?: string } = {}) => {
  const from = new URLSearchParams(after).toString();
  return askJson<WaitingForApproval>("GET", `/api/checkpoints/waiting${from && `?${from}`}`);
};

export const getPin = () => askJson<Pin>("GET", "/api/account/pin");
/** Sets a PIN, or another one: whoever does proves who they are with it. Without that only the PIN is looked at. */
export const setPin = (pin: string, proof?: NewProof) =>
  askJson<void>("PUT", "/api/account/pin", { body: { pin, ...(proof && { proof }) } });
export const removePin = () => askJson<void>("DELETE", "/api/account/pin");
