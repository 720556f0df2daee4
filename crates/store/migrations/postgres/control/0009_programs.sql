-- Programs of others that people may let act for them (OAuth clients). They keep no secret.
CREATE TABLE programs (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    -- The addresses answers may go to, one a line.
    redirects text NOT NULL,
    created bigint NOT NULL
);

-- A program that acts for somebody: a session that no browser has. Its refresh tokens are one family, of which the newest
-- counts; the one before is known for a moment, for a program that did not hear the answer.
CREATE TABLE families (
    session uuid NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    tenant uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    program text NOT NULL,
    -- What the person was told it is called.
    name text NOT NULL,
    scope text NOT NULL,
    -- The thumbprint of the key it must prove, where it has one (RFC 9449).
    proof text,
    -- SHA-256 of the newest refresh token, and of the one before.
    refresh bytea NOT NULL,
    before bytea,
    rotated bigint NOT NULL
);
CREATE INDEX families_tenant ON families (tenant);
CREATE INDEX families_program ON families (program);

-- Codes that programs redeem for tokens, once; kept a while longer, so that a second time is noticed.
CREATE TABLE codes (
    -- SHA-256 of the code.
    code bytea NOT NULL PRIMARY KEY,
    -- The browser's session in which the person said yes: without it the code is worth nothing.
    session uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    tenant uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    program text NOT NULL,
    name text NOT NULL,
    redirect text NOT NULL,
    challenge bytea NOT NULL,
    scope text NOT NULL,
    proof text,
    -- The session that was begun with it; once there is one, the code is used.
    family uuid,
    expires bigint NOT NULL,
    forgotten bigint NOT NULL
);
CREATE INDEX codes_session ON codes (session);
CREATE INDEX codes_tenant ON codes (tenant);
CREATE INDEX codes_forgotten ON codes (forgotten);

-- API keys that were made before this open nothing any more: the password was lost then. NULL when it never was.
ALTER TABLE accounts ADD COLUMN keys_since bigint;
