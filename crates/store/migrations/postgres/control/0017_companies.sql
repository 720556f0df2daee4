-- Whose word a directory's token is: it is worth what they are now, and nothing once they are gone.
ALTER TABLE directory_tokens ADD COLUMN maker uuid REFERENCES accounts (id) ON DELETE SET NULL;
CREATE INDEX directory_tokens_maker ON directory_tokens (maker) WHERE maker IS NOT NULL;

-- Whom a directory has taken out for good, as far as it takes to know them again: their accounts are gone, and they are not let
-- in as somebody new.
CREATE TABLE dismissed_identities (
    id uuid NOT NULL PRIMARY KEY,
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    issuer text,
    subject text,
    external text,
    at bigint NOT NULL
);
CREATE INDEX dismissed_identities_subject ON dismissed_identities (provider, issuer, subject);
CREATE INDEX dismissed_identities_external ON dismissed_identities (provider, external);

-- Who showed anew at their company who they are, in a session and for one purpose: taken once.
CREATE TABLE company_proofs (
    session uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- What only whoever asked for it knows again.
    purpose bytea NOT NULL,
    -- When they showed it, as the provider says.
    authenticated bigint NOT NULL,
    -- How, in its words.
    acr text,
    amr text,
    expires bigint NOT NULL,
    PRIMARY KEY (session, purpose)
);
