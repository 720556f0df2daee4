-- Programs of others that people may let act for them (OAuth clients). They keep no secret.
CREATE TABLE programs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- The addresses answers may go to, one a line.
    redirects TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A program that acts for somebody: a session that no browser has. Its refresh tokens are one family, of which the newest
-- counts; the one before is known for a moment, for a program that did not hear the answer.
CREATE TABLE families (
    session BLOB NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    program TEXT NOT NULL,
    -- What the person was told it is called.
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    -- The thumbprint of the key it must prove, where it has one (RFC 9449).
    proof TEXT,
    -- SHA-256 of the newest refresh token, and of the one before.
    refresh BLOB NOT NULL,
    before BLOB,
    rotated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX families_tenant ON families (tenant);
CREATE INDEX families_program ON families (program);

-- Codes that programs redeem for tokens, once; kept a while longer, so that a second time is noticed.
CREATE TABLE codes (
    -- SHA-256 of the code.
    code BLOB NOT NULL PRIMARY KEY,
    -- The browser's session in which the person said yes: without it the code is worth nothing.
    session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    program TEXT NOT NULL,
    name TEXT NOT NULL,
    redirect TEXT NOT NULL,
    challenge BLOB NOT NULL,
    scope TEXT NOT NULL,
    proof TEXT,
    -- The session that was begun with it; once there is one, the code is used.
    family BLOB,
    expires INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_session ON codes (session);
CREATE INDEX codes_tenant ON codes (tenant);
CREATE INDEX codes_forgotten ON codes (forgotten);

-- API keys that were made before this open nothing any more: the password was lost then. NULL when it never was.
ALTER TABLE accounts ADD COLUMN keys_since INTEGER;
