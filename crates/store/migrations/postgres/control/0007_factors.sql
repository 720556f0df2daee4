-- Second factors: what somebody proves besides their password, or instead of it.
-- Whether the password would do without one; a shorter one holds only beside a factor.
ALTER TABLE accounts ADD COLUMN password_alone boolean NOT NULL DEFAULT true;

CREATE TABLE factors (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL,
    name text NOT NULL,
    -- Its secret or public key, encrypted.
    sealed bytea NOT NULL,
    -- SHA-256 of a passkey's id.
    credential bytea,
    -- The last step of a one-time code, the last count of signatures of a passkey.
    mark bigint NOT NULL,
    -- Its owner has shown that it works; until then it counts for nothing.
    proven boolean NOT NULL,
    created bigint NOT NULL,
    used bigint
);
CREATE INDEX factors_account ON factors (account);
CREATE UNIQUE INDEX factors_credential ON factors (credential) WHERE credential IS NOT NULL;

CREATE TABLE recovery_codes (
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 of the code.
    hash bytea NOT NULL,
    PRIMARY KEY (account, hash)
);

-- Tries that failed since the last that did not.
CREATE TABLE factor_tries (
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL,
    failures bigint NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (account, kind)
);

-- Whose password was right, and whose second factor is waited for.
CREATE TABLE half_sign_ins (
    -- SHA-256 of the token.
    token bytea NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tries bigint NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX half_sign_ins_account ON half_sign_ins (account);
CREATE INDEX half_sign_ins_expires ON half_sign_ins (expires);
