// Who is signed in.
import { askJson, path } from "./http";
import type { LoginEvents, Mail, Session, SignedInPlace } from "./types";

export const getSession = () => askJson<Session>("GET", "/api/session");

export const signIn = (email: string, password: string) =>
  askJson<Session>("POST", "/api/session", { body: { email, password } });

export const signOut = () => askJson<void>("DELETE", "/api/session");

/** With the token of an invitation that went to the address, the address counts as proven. */
export const createAccount = (email: string, name: string, password: string, invitation?: string) =>
  askJson<Session>("POST", "/api/accounts", {
    body: { email, name, password, ...(invitation ? { invitation } : {}) },
  });

/** Proves the address that a link went to; 401 asks for the password where nobody is signed in to the account. */
export const confirmAddress = (token: string, password?: string) =>
  askJson<{ email: string }>("POST", "/api/accounts/confirmation", {
    body: { token, ...(password === undefined ? {} : { password }) },
  });

/** Mails the link to prove one's address once more. */
export const mailConfirmation = () => askJson<void>("POST", "/api/account/confirmation");

/** Mails a link to set a new password, if the address has an account; nobody learns whether it has. */
export const forgetPassword = (email: string) =>
  askJson<void>("POST", "/api/accounts/reset", { body: { email } });

/** What the new password that a link sets has to be; told to whoever holds the link. */
export const passwordRule = (token: string) =>
  askJson<{ leastPassword: number }>("POST", "/api/accounts/password/rule", { body: { token } });

/** Sets a new password by a link that was mailed. */
export const setPassword = (token: string, password: string) =>
  askJson<void>("POST", "/api/accounts/password", { body: { token, password } });

/** Changes what others see of one, everywhere. */
export const changeProfile = (name: string) => askJson<void>("PATCH", "/api/account", { body: { name } });

/** Changes one's password; one's API keys end with it if wished. */
export const changePassword = (current: string, password: string, endKeys: boolean) =>
  askJson<void>("PUT", "/api/account/password", { body: { current, password, endKeys } });

/** The newest mails, for whoever runs the server. */
export const getMails = (signal?: AbortSignal) =>
  askJson<Mail[]>("GET", "/api/mails", signal ? { signal } : {});

/** Where one is signed in, this place first. */
export const getPlaces = () => askJson<SignedInPlace[]>("GET", "/api/account/sessions");

/** Signs out in one of one's places. */
export const endPlace = (id: string) => askJson<void>("DELETE", path`/api/account/sessions/${id}`);

/** Signs out everywhere but here. */
export const endOtherPlaces = () => askJson<void>("DELETE", "/api/account/sessions");

/** Who signed in to one's own account. */
export const getOwnLogins = (before?: string) =>
  askJson<LoginEvents>("GET", `/api/account/logins${asked({ before })}`);

/** Who signed in or tried to, for administrators. */
export const getLogins = (filter: LoginFilter) => askJson<LoginEvents>("GET", `/api/logins${asked(filter)}`);

/** Where all of them are to be had as CSV. */
export const loginsFile = (filter: LoginFilter) => `/api/logins.csv${asked(filter)}`;

/** Which events: all that is given must fit. */
export interface LoginFilter {
  address?: string | undefined;
  result?: string | undefined;
  before?: string | undefined;
}

function asked(filter: LoginFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : "";
}
