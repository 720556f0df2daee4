-- Second factors: what somebody proves besides their password, or instead of it.
-- Whether the password would do without one; a shorter one holds only beside a factor.
ALTER TABLE accounts ADD COLUMN password_alone INTEGER NOT NULL DEFAULT 1;

CREATE TABLE factors (
    id BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Its secret or public key, encrypted.
    sealed BLOB NOT NULL,
    -- SHA-256 of a passkey's id.
    credential BLOB,
    -- The last step of a one-time code, the last count of signatures of a passkey.
    mark INTEGER NOT NULL,
    -- Its owner has shown that it works; until then it counts for nothing.
    proven INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX factors_account ON factors (account);
CREATE UNIQUE INDEX factors_credential ON factors (credential) WHERE credential IS NOT NULL;

CREATE TABLE recovery_codes (
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 of the code.
    hash BLOB NOT NULL,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- Tries that failed since the last that did not.
CREATE TABLE factor_tries (
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT, WITHOUT ROWID;

-- Whose password was right, and whose second factor is waited for.
CREATE TABLE half_sign_ins (
    -- SHA-256 of the token.
    token BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    tries INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX half_sign_ins_account ON half_sign_ins (account);
CREATE INDEX half_sign_ins_expires ON half_sign_ins (expires);
