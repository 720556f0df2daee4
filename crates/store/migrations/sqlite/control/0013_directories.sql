-- Tokens with which a company's directory says who its people are (SCIM 2.0).
CREATE TABLE directory_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    provider BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- SHA-256 of the token.
    hash BLOB NOT NULL UNIQUE,
    -- The most that whoever is changed with it may be: what whoever made it was.
    most TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    used INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_tokens_provider ON directory_tokens (provider);

-- People as a directory has them.
CREATE TABLE directory_users (
    provider BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    -- Their id in the directory's eyes, too.
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What the directory calls them, in lower case.
    user_name TEXT NOT NULL,
    external TEXT,
    -- Where they are written to, and what is left of that when letters that look alike become one.
    address TEXT NOT NULL,
    skeleton TEXT NOT NULL,
    active INTEGER NOT NULL,
    -- All that the directory says, as JSON.
    content TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (provider, account)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX directory_users_name ON directory_users (provider, user_name);
CREATE INDEX directory_users_external ON directory_users (provider, external);
CREATE INDEX directory_users_skeleton ON directory_users (provider, skeleton);
CREATE INDEX directory_users_account ON directory_users (account);

-- Their addresses in lower case: directories look for people by them.
CREATE TABLE directory_addresses (
    provider BLOB NOT NULL,
    address TEXT NOT NULL,
    account BLOB NOT NULL,
    PRIMARY KEY (provider, address, account),
    FOREIGN KEY (provider, account) REFERENCES directory_users (provider, account) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_addresses_user ON directory_addresses (provider, account);

-- What directories did last, for whoever looks why something did not come through.
CREATE TABLE directory_events (
    id BLOB NOT NULL PRIMARY KEY,
    provider BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    method TEXT NOT NULL,
    -- Users or Groups, where it was about one of them.
    target TEXT NOT NULL,
    -- What the directory calls whom or what it was about, as far as it said so.
    subject TEXT,
    status INTEGER NOT NULL,
    -- Why it was refused.
    reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_events_provider ON directory_events (provider, id);
