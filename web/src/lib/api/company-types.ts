// What the server says of a company's provider and directory; `contract.ts` holds it against the server's document.

/** What is known of the company's directory. */
export interface Directory {
  /** What the directory is told. */
  address: string;
  providers: { id: string; name: string }[];
  tokens: DirectoryToken[];
  /** What it did last, the newest first. */
  events: DirectoryEvent[];
}

/** What a directory proves itself with. */
export interface DirectoryToken {
  id: string;
  provider: string;
  name: string;
  createdAt: string;
  expiresAt?: string;
  /** To about a minute. */
  usedAt?: string;
  /** Who answers for it. */
  maker?: string;
  /** Nobody who rules over people answers for it: it opens nothing. */
  orphaned: boolean;
}

/** Something a directory did, or wanted to. */
export interface DirectoryEvent {
  id: string;
  provider: string;
  at: string;
  method: string;
  target: string;
  subject?: string;
  status: number;
  reason?: string;
}

/** The only answer that has the token itself. */
export type MadeDirectoryToken = DirectoryToken & { secret: string };

/** A company's provider that speaks SAML, and where our side is for it. */
export interface SamlProvider {
  id: string;
  name: string;
  enabled: boolean;
  /** Its own name; null before its metadata is here. */
  issuer: string | null;
  place: string | null;
  certificates: { fingerprint: string; until: string | null }[];
  /** Requests to it are signed. */
  signs: boolean;
  /** The attribute that names people; null for the provider's own name of them. */
  subject: string | null;
  /** Addresses there are never given to others. */
  addressesLast: boolean;
  /** Our name there, which is where our metadata is. */
  service: string;
  /** Where it sends answers to. */
  answers: string;
}
