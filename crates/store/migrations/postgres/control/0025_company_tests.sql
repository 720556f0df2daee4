-- What came of testing providers, until whoever tested has looked at it: sealed, as it may name anybody.
CREATE TABLE company_tests (
    -- SHA-256 of what they ask with.
    token bytea NOT NULL PRIMARY KEY,
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    result bytea NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX company_tests_provider ON company_tests (provider, expires);
CREATE INDEX company_tests_expires ON company_tests (expires);
