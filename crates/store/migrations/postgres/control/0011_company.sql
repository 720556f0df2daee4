-- Whom a tenant lets say who people are: its company's sign-in.
CREATE TABLE identity_providers (
    id uuid NOT NULL PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Its protocol: oidc or saml.
    kind text NOT NULL,
    name text NOT NULL,
    -- JSON.
    settings text NOT NULL,
    -- What the server proves itself to it with, encrypted.
    secret bytea,
    -- The most that whoever comes this way can be: what whoever set it up was.
    most text NOT NULL,
    enabled boolean NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE INDEX identity_providers_tenant ON identity_providers (tenant);

-- Domains of mail addresses that are a tenant's company's.
CREATE TABLE company_domains (
    tenant uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    domain text NOT NULL,
    -- What a record of the domain is to say.
    proof text NOT NULL,
    verified bigint,
    -- People with such an address have to come through the company.
    required boolean NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (tenant, domain)
);
CREATE INDEX company_domains_domain ON company_domains (domain) WHERE verified IS NOT NULL;

-- Who somebody is to a provider, and whose account that is. Never an address: those go from one person to another.
CREATE TABLE outside_identities (
    id uuid NOT NULL PRIMARY KEY,
    provider uuid NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Not known before they have signed in, where they were provisioned.
    issuer text,
    subject text,
    -- What a directory calls them, where one does.
    external text,
    -- made, provisioned or linked
    origin text NOT NULL,
    -- Not let in since then.
    blocked bigint,
    created bigint NOT NULL,
    seen bigint
);
CREATE UNIQUE INDEX outside_identities_subject ON outside_identities (provider, issuer, subject) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX outside_identities_external ON outside_identities (provider, external) WHERE external IS NOT NULL;
CREATE INDEX outside_identities_account ON outside_identities (account);

-- A session that a provider vouched for is good at its tenant only, and for no more than its provider can give.
ALTER TABLE sessions ADD COLUMN provider uuid REFERENCES identity_providers (id) ON DELETE CASCADE;
ALTER TABLE sessions ADD COLUMN tenant uuid;
ALTER TABLE sessions ADD COLUMN most text;
-- What the provider said of how they showed who they are.
ALTER TABLE sessions ADD COLUMN acr text;
ALTER TABLE sessions ADD COLUMN amr text;
CREATE INDEX sessions_provider ON sessions (provider) WHERE provider IS NOT NULL;

-- Since when the tenant's company says that the address is theirs; true within the tenant only.
ALTER TABLE memberships ADD COLUMN vouched bigint;
