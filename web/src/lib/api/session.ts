// Who is signed in.
import { askJson } from "./http";
import type { Session } from "./types";

export const getSession = () => askJson<Session>("GET", "/api/session");

export const signIn = (email: string, password: string) =>
  askJson<Session>("POST", "/api/session", { body: { email, password } });

export const signOut = () => askJson<void>("DELETE", "/api/session");

export const createAccount = (email: string, name: string, password: string) =>
  askJson<Session>("POST", "/api/accounts", { body: { email, name, password } });
