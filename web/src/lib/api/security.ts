// How an account is protected: second factors, recovery codes, fresh proofs; and the second step of a sign-in.
import { askJson, path } from "./http";
import type { FactorPolicy, NewOneTime, Security, Session } from "./types";

export const getSecurity = () => askJson<Security>("GET", "/api/account/security");

/** Begins to set up an authenticator app. */
export const beginApp = () => askJson<NewOneTime>("POST", "/api/account/totp");

/** Ends setting it up with a code of it. */
export const confirmApp = (id: string, code: string, name: string) =>
  askJson<Security>("POST", "/api/account/totp/confirmation", { body: { id, code, name } });

/** What to ask the browser for to make a passkey. */
export const passkeyOptions = () =>
  askJson<PublicKeyCredentialCreationOptionsJSON>("POST", "/api/account/passkeys/options");

/** Keeps a passkey that the browser made. */
export const addPasskey = (name: string, passkey: object) =>
  askJson<Security>("POST", "/api/account/passkeys", { body: { name, passkey } });

export const renameFactor = (id: string, name: string) =>
  askJson<void>("PATCH", path`/api/account/factors/${id}`, { body: { name } });

export const removeFactor = (id: string) => askJson<void>("DELETE", path`/api/account/factors/${id}`);

/** New recovery codes, shown this once; those there were end. */
export const makeCodes = () => askJson<{ codes: string[] }>("POST", "/api/account/recovery-codes");

/** Who one is, by all that signing in takes: the password, with a code where there is a second factor, or a passkey. */
export interface NewProof {
  password?: string;
  totp?: string;
  recovery?: string;
  passkey?: object;
}

/** Proves anew who one is. */
export const prove = (proof: NewProof) => askJson<void>("POST", "/api/account/proof", { body: proof });
export const proofOptions = () =>
  askJson<PublicKeyCredentialRequestOptionsJSON>("POST", "/api/account/proof/passkey");

/** Takes all second factors from somebody who lost them; for whoever runs the server. */
export const resetFactors = (email: string) =>
  askJson<void>("POST", "/api/accounts/factors/reset", { body: { email } });

/** What the tenant asks of everybody, for its administrators. */
export const getPolicy = () => askJson<FactorPolicy>("GET", "/api/second-factor");
export const setPolicy = (secondFactor: FactorPolicy["secondFactor"]) =>
  askJson<void>("PUT", "/api/second-factor", { body: { secondFactor } });

/** One proof besides the password. */
export type Proof = { totp: string } | { recovery: string } | { passkey: object };

export const takeStep = (proof: Proof) => askJson<Session>("POST", "/api/session/step", { body: proof });
export const giveUpStep = () => askJson<void>("DELETE", "/api/session/step");
export const stepOptions = () =>
  askJson<PublicKeyCredentialRequestOptionsJSON>("POST", "/api/session/step/passkey");

/** Signing in with a passkey alone. */
export const signInOptions = () =>
  askJson<PublicKeyCredentialRequestOptionsJSON>("POST", "/api/session/passkey/options");
export const signInPasskey = (passkey: object) =>
  askJson<Session>("POST", "/api/session/passkey", { body: { passkey } });
