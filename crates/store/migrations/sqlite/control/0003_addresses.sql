-- An account may claim any address; whoever proves it by mail has it, and only they. Made anew, since the old table allowed
-- an address once; with it what refers to it.
CREATE TABLE new_accounts (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- What is left of the address when letters that look alike become one; NULL until it is worked out.
    skeleton TEXT,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    administrator INTEGER NOT NULL,
    -- When the address was proven.
    confirmed INTEGER,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Those who were let in before go on being let in.
INSERT INTO new_accounts SELECT id, email, NULL, name, password, administrator, created, created FROM accounts;

CREATE TABLE new_sessions (
    token BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_sessions SELECT token, account, created, expires, seen FROM sessions;

CREATE TABLE new_memberships (
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    account BLOB NOT NULL REFERENCES new_accounts (id) ON DELETE CASCADE,
    administrator INTEGER NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;
INSERT INTO new_memberships SELECT tenant, account, administrator, created FROM memberships;

DROP TABLE sessions;
DROP TABLE memberships;
DROP TABLE accounts;
ALTER TABLE new_accounts RENAME TO accounts;
ALTER TABLE new_sessions RENAME TO sessions;
ALTER TABLE new_memberships RENAME TO memberships;
CREATE INDEX accounts_email ON accounts (email);
CREATE UNIQUE INDEX accounts_confirmed ON accounts (email) WHERE confirmed IS NOT NULL;
CREATE INDEX accounts_skeleton ON accounts (skeleton);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);
CREATE INDEX memberships_account ON memberships (account);

-- Links that were mailed: each opens what it is for, once.
CREATE TABLE mailed_links (
    -- SHA-256 of the token.
    token BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    -- Whose address it proves or whose password it sets; NULL for somebody who has no account yet.
    account BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    -- What an invitation is to.
    tenant BLOB REFERENCES tenants (id) ON DELETE CASCADE,
    app BLOB,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mailed_links_account ON mailed_links (account);
CREATE INDEX mailed_links_address ON mailed_links (address);
CREATE INDEX mailed_links_expires ON mailed_links (expires);

-- Mails to send and mails sent. What a mail says is written when it is sent, so that no link lies here.
CREATE TABLE mails (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    address TEXT NOT NULL,
    account BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    tenant BLOB REFERENCES tenants (id) ON DELETE CASCADE,
    app BLOB,
    -- Who sends it, by name, where somebody does.
    sender TEXT,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    tries INTEGER NOT NULL,
    -- When it is tried next; NULL when it is done.
    due INTEGER,
    -- What the last try said.
    answer TEXT,
    -- The mail itself, where none is sent and people read it here.
    subject TEXT,
    body TEXT,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_due ON mails (due) WHERE due IS NOT NULL;
CREATE INDEX mails_created ON mails (created);
CREATE INDEX mails_address ON mails (address, purpose, created);
