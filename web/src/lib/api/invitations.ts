// Invitations into the tenant and its apps: by mail, by lists, by links that are handed on; and answering them.
import { ask, askJson, path } from "./http";
import type { TenantRole } from "./types";

/** A group or an app by its name. */
export interface InvitedInto {
  id: string;
  name: string;
}

/** What an invitation stands at. */
export const standings = [
  "queued",
  "sent",
  "kept",
  "held",
  "bounced",
  "failed",
  "accepted",
  "declined",
  "expired",
  "revoked",
] as const;
export type Standing = (typeof standings)[number];

export interface InvitationCard {
  id: string;
  email: string;
  name: string;
  role: TenantRole;
  groups: InvitedInto[];
  /** Null for the tenant itself. */
  app: InvitedInto | null;
  sender: string;
  /** They asked for it themselves, by a link that was handed on. */
  byLink: boolean;
  job: string | null;
  status: Standing;
  /** What the mail server said. */
  answer: string | null;
  created: string;
  asked: string;
  expires: string | null;
  decided: string | null;
}

export interface InvitationsPage {
  invitations: InvitationCard[];
  count: number;
  more: boolean;
}

/** A link that is handed on; never the link itself. */
export interface InvitationLink {
  id: string;
  name: string;
  app: InvitedInto | null;
  role: TenantRole;
  groups: InvitedInto[];
  domains: string[];
  most: number;
  used: number;
  created: string;
  expires: string;
  status: "open" | "used" | "expired" | "revoked";
}

/** A link as it is shown once. */
export interface NewInvitationLink {
  link: InvitationLink;
  address: string;
  /** SVG. */
  picture: string;
}

/** What a link is to be. */
export interface InvitationLinkWish {
  name?: string;
  role?: TenantRole;
  groups?: string[];
  days: number;
  most: number;
  domains?: string[];
}

/** A line that invites nobody. */
export interface GuestProblem {
  line: number;
  wrong: string;
  text: string;
  other: string | null;
}

/** What a list would do. */
export interface GuestList {
  good: number;
  guests: {
    line: number;
    email: string;
    name: string;
    role: TenantRole;
    groups: InvitedInto[];
    /** Of a list into an app: how much they may do there; null as much as all whom it names. */
    level: "none" | "view" | "submit" | "edit" | "administer" | null;
    /** What they are written to in, where the list says so. */
    language: string | null;
  }[];
  bad: number;
  problems: GuestProblem[];
  kinds: Record<string, number>;
}

/** A list of people who were invited at once. */
export interface InvitationJob {
  id: string;
  sender: string;
  created: string;
  stopped: boolean;
  total: number;
  standings: Record<string, number>;
}

/** What an invitation is to, for whoever has its link. */
export interface Invitation {
  email: string;
  app: string | null;
  /** Null for a server's only tenant. */
  name: string | null;
  role: TenantRole;
  sender: string;
  guest: string;
  /** The address has an account. */
  known: boolean;
  /** Whoever is signed in has the address. */
  own: boolean;
}

/** What a link that was handed on is to. */
export interface JoinLinkOffer {
  app: string | null;
  name: string | null;
  role: TenantRole;
  domains: string[];
  /** Whoever is signed in may join at once. */
  own: boolean;
}

/** Something that whoever is signed in is invited to. */
export interface OwnInvitation {
  name: string | null;
  sender: string;
  /** Where it is, when it can be opened at once; for all else the mail has the link. */
  link: string | null;
  expires: string | null;
}

/** Where whoever joined is to go. */
export interface Joined {
  app: string | null;
}

export interface InvitationFilter {
  search?: string | undefined;
  status?: string | undefined;
  after?: string | undefined;
}

/** Those of the tenant, or of one app. */
const place = (app: string | undefined) => (app === undefined ? "/api" : path`/api/apps/${app}`);

export const getInvitations = (app: string | undefined, filter: InvitationFilter) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  return askJson<InvitationsPage>("GET", `${place(app)}/invitations?${query}`);
};

export const invite = (email: string, role: TenantRole, groups: string[], name: string) =>
  askJson<InvitationCard>("POST", "/api/invitations", { body: { email, role, groups, name } });

export const inviteToApp = (app: string, email: string) =>
  askJson<InvitationCard>("POST", path`/api/apps/${app}/invitations`, { body: { email } });

export const resendInvitation = (id: string) =>
  askJson<InvitationCard>("POST", path`/api/invitations/${id}/resend`);

export const revokeInvitation = (id: string) => askJson<void>("DELETE", path`/api/invitations/${id}`);

export const getLinks = (app: string | undefined) =>
  askJson<InvitationLink[]>("GET", `${place(app)}/invitation-links`);

export const makeLink = (app: string | undefined, wish: InvitationLinkWish) =>
  askJson<NewInvitationLink>("POST", `${place(app)}/invitation-links`, { body: wish });

export const revokeLink = (id: string) => askJson<void>("DELETE", path`/api/invitation-links/${id}`);

/** Where a list invites to: the tenant, and as what where it does not say so itself, or an app of it. */
export type ListPlace = { app: string } | { role: TenantRole };

const listed = (place: ListPlace, what: "check" | "jobs") =>
  "app" in place
    ? path`/api/apps/${place.app}/invitations/${what}`
    : path`/api/invitations/${what}?role=${place.role}`;

/** Looks a list through; nothing is sent. */
export const checkList = async (list: Blob, place: ListPlace) =>
  (await ask("POST", listed(place, "check"), { body: list })).json() as Promise<GuestList>;

/** Invites everybody on a list whose line is good. */
export const beginList = async (list: Blob, place: ListPlace) =>
  (await ask("POST", listed(place, "jobs"), { body: list })).json() as Promise<InvitationJob>;

export const getJobs = (app: string | undefined) =>
  askJson<InvitationJob[]>("GET", `${place(app)}/invitations/jobs`);
export const stopJob = (id: string) => askJson<InvitationJob>("POST", path`/api/invitations/jobs/${id}/stop`);
export const resumeJob = (id: string) =>
  askJson<InvitationJob>("POST", path`/api/invitations/jobs/${id}/resume`);

/** What an invitation is to. Reading it uses nothing up. */
export const readInvitation = (token: string) =>
  askJson<Invitation>("POST", "/api/accounts/invitation", { body: { token } });

/** What one is invited to, at whichever tenant. */
export const getOwnInvitations = () => askJson<OwnInvitation[]>("GET", "/api/account/invitations");

/** Joins by the invitation that went to one's address, which proves it. */
export const acceptInvitation = (token: string) =>
  askJson<Joined>("POST", "/api/accounts/invitation/acceptance", { body: { token } });

export const declineInvitation = (token: string) =>
  askJson<void>("POST", "/api/accounts/invitation/refusal", { body: { token } });

/** What a link that was handed on is to. */
export const readJoinLink = (token: string) =>
  askJson<JoinLinkOffer>("POST", "/api/accounts/join", { body: { token } });

export const joinByLink = (token: string) =>
  askJson<Joined>("POST", "/api/accounts/join/acceptance", { body: { token } });

/** Has an invitation mailed to an address that is one's own. */
export const joinByMail = (token: string, email: string) =>
  askJson<void>("POST", "/api/accounts/join/mail", { body: { token, email } });
