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
