-- Who may sign in, and which tenants there are. Moments are milliseconds since 1970 in UTC.
CREATE TABLE accounts (
    id uuid NOT NULL PRIMARY KEY,
    email text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    password text NOT NULL,
    administrator boolean NOT NULL,
    created bigint NOT NULL
);

CREATE TABLE sessions (
    token bytea NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    seen bigint NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tenants (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    wrapped_key bytea NOT NULL,
    created bigint NOT NULL
);

CREATE TABLE memberships (
    tenant uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    administrator boolean NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (tenant, account)
);
CREATE INDEX memberships_account ON memberships (account);
