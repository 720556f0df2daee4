-- Whom a tenant lets say who people are: its company's sign-in.
CREATE TABLE identity_providers (
    id BLOB NOT NULL PRIMARY KEY,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Its protocol: oidc or saml.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON.
    settings TEXT NOT NULL,
    -- What the server proves itself to it with, encrypted.
    secret BLOB,
    -- The most that whoever comes this way can be: what whoever set it up was.
    most TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_providers_tenant ON identity_providers (tenant);

-- Domains of mail addresses that are a tenant's company's.
CREATE TABLE company_domains (
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    -- What a record of the domain is to say.
    proof TEXT NOT NULL,
    verified INTEGER,
    -- People with such an address have to come through the company.
    required INTEGER NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (tenant, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX company_domains_domain ON company_domains (domain) WHERE verified IS NOT NULL;

-- Who somebody is to a provider, and whose account that is. Never an address: those go from one person to another.
CREATE TABLE outside_identities (
    id BLOB NOT NULL PRIMARY KEY,
    provider BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Not known before they have signed in, where they were provisioned.
    issuer TEXT,
    subject TEXT,
    -- What a directory calls them, where one does.
    external TEXT,
    -- made, provisioned or linked
    origin TEXT NOT NULL,
    -- Not let in since then.
    blocked INTEGER,
    created INTEGER NOT NULL,
    seen INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outside_identities_subject ON outside_identities (provider, issuer, subject) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX outside_identities_external ON outside_identities (provider, external) WHERE external IS NOT NULL;
CREATE INDEX outside_identities_account ON outside_identities (account);

-- A session that a provider vouched for is good at its tenant only, and for no more than its provider can give.
ALTER TABLE sessions ADD COLUMN provider BLOB REFERENCES identity_providers (id) ON DELETE CASCADE;
ALTER TABLE sessions ADD COLUMN tenant BLOB;
ALTER TABLE sessions ADD COLUMN most TEXT;
-- What the provider said of how they showed who they are.
ALTER TABLE sessions ADD COLUMN acr TEXT;
ALTER TABLE sessions ADD COLUMN amr TEXT;
CREATE INDEX sessions_provider ON sessions (provider) WHERE provider IS NOT NULL;

-- Since when the tenant's company says that the address is theirs; true within the tenant only.
ALTER TABLE memberships ADD COLUMN vouched INTEGER;
