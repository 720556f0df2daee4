-- Tokens with which a company's directory says who its people are (SCIM 2.0).
CREATE TABLE directory_tokens (
    id uuid NOT NULL PRIMARY KEY,
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- SHA-256 of the token.
    hash bytea NOT NULL UNIQUE,
    -- The most that whoever is changed with it may be: what whoever made it was.
    most text NOT NULL,
    created bigint NOT NULL,
    expires bigint,
    used bigint
);
CREATE INDEX directory_tokens_provider ON directory_tokens (provider);

-- People as a directory has them.
CREATE TABLE directory_users (
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    -- Their id in the directory's eyes, too.
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What the directory calls them, in lower case.
    user_name text COLLATE "C" NOT NULL,
    external text,
    -- Where they are written to, and what is left of that when letters that look alike become one.
    address text COLLATE "C" NOT NULL,
    skeleton text NOT NULL,
    active boolean NOT NULL,
    -- All that the directory says, as JSON.
    content text NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (provider, account)
);
CREATE UNIQUE INDEX directory_users_name ON directory_users (provider, user_name);
CREATE INDEX directory_users_external ON directory_users (provider, external);
CREATE INDEX directory_users_skeleton ON directory_users (provider, skeleton);
CREATE INDEX directory_users_account ON directory_users (account);

-- Their addresses in lower case: directories look for people by them.
CREATE TABLE directory_addresses (
    provider uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    account uuid NOT NULL,
    PRIMARY KEY (provider, address, account),
    FOREIGN KEY (provider, account) REFERENCES directory_users (provider, account) ON DELETE CASCADE
);
CREATE INDEX directory_addresses_user ON directory_addresses (provider, account);

-- What directories did last, for whoever looks why something did not come through.
CREATE TABLE directory_events (
    id uuid NOT NULL PRIMARY KEY,
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    at bigint NOT NULL,
    method text NOT NULL,
    -- Users or Groups, where it was about one of them.
    target text NOT NULL,
    -- What the directory calls whom or what it was about, as far as it said so.
    subject text,
    status bigint NOT NULL,
    -- Why it was refused.
    reason text
);
CREATE INDEX directory_events_provider ON directory_events (provider, id);
