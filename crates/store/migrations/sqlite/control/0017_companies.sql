-- Whose word a directory's token is: it is worth what they are now, and nothing once they are gone.
ALTER TABLE directory_tokens ADD COLUMN maker BLOB REFERENCES accounts (id) ON DELETE SET NULL;
CREATE INDEX directory_tokens_maker ON directory_tokens (maker) WHERE maker IS NOT NULL;

-- Whom a directory has taken out for good, as far as it takes to know them again: their accounts are gone, and they are not let
-- in as somebody new.
CREATE TABLE dismissed_identities (
    id BLOB NOT NULL PRIMARY KEY,
    provider BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    issuer TEXT,
    subject TEXT,
    external TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dismissed_identities_subject ON dismissed_identities (provider, issuer, subject);
CREATE INDEX dismissed_identities_external ON dismissed_identities (provider, external);

-- Who showed anew at their company who they are, in a session and for one purpose: taken once.
CREATE TABLE company_proofs (
    session BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- What only whoever asked for it knows again.
    purpose BLOB NOT NULL,
    -- When they showed it, as the provider says.
    authenticated INTEGER NOT NULL,
    -- How, in its words.
    acr TEXT,
    amr TEXT,
    expires INTEGER NOT NULL,
    PRIMARY KEY (session, purpose)
) STRICT, WITHOUT ROWID;
