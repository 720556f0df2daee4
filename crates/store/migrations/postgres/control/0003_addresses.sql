-- An account may claim any address; whoever proves it by mail has it, and only they.
ALTER TABLE accounts DROP CONSTRAINT accounts_email_key;
-- What is left of the address when letters that look alike become one; NULL until it is worked out.
ALTER TABLE accounts ADD COLUMN skeleton text COLLATE "C";
-- When the address was proven. Those who were let in before go on being let in.
ALTER TABLE accounts ADD COLUMN confirmed bigint;
UPDATE accounts SET confirmed = created;
CREATE INDEX accounts_email ON accounts (email);
CREATE UNIQUE INDEX accounts_confirmed ON accounts (email) WHERE confirmed IS NOT NULL;
CREATE INDEX accounts_skeleton ON accounts (skeleton);

-- Links that were mailed: each opens what it is for, once.
CREATE TABLE mailed_links (
    -- SHA-256 of the token.
    token bytea NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    -- Whose address it proves or whose password it sets; NULL for somebody who has no account yet.
    account uuid REFERENCES accounts (id) ON DELETE CASCADE,
    address text COLLATE "C" NOT NULL,
    -- What an invitation is to.
    tenant uuid REFERENCES tenants (id) ON DELETE CASCADE,
    app uuid,
    created bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE INDEX mailed_links_account ON mailed_links (account);
CREATE INDEX mailed_links_address ON mailed_links (address);
CREATE INDEX mailed_links_expires ON mailed_links (expires);

-- Mails to send and mails sent. What a mail says is written when it is sent, so that no link lies here.
CREATE TABLE mails (
    id uuid NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    address text COLLATE "C" NOT NULL,
    account uuid REFERENCES accounts (id) ON DELETE CASCADE,
    tenant uuid REFERENCES tenants (id) ON DELETE CASCADE,
    app uuid,
    -- Who sends it, by name, where somebody does.
    sender text,
    language text NOT NULL,
    status text NOT NULL,
    tries bigint NOT NULL,
    -- When it is tried next; NULL when it is done.
    due bigint,
    -- What the last try said.
    answer text,
    -- The mail itself, where none is sent and people read it here.
    subject text,
    body text,
    created bigint NOT NULL
);
CREATE INDEX mails_due ON mails (due) WHERE due IS NOT NULL;
CREATE INDEX mails_created ON mails (created);
CREATE INDEX mails_address ON mails (address, purpose, created);
