-- Links that let whoever has proven an address join, until they are used up, over or taken back.
CREATE TABLE join_links (
    id BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of the token.
    token BLOB NOT NULL UNIQUE,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- The app it leads to; NULL for the tenant itself.
    app BLOB,
    role TEXT NOT NULL,
    -- Ids of groups, with blanks between.
    belongs TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Domains of the addresses that may join, with blanks between; all when empty.
    domains TEXT NOT NULL,
    most INTEGER NOT NULL,
    used INTEGER NOT NULL,
    sender BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    revoked INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX join_links_tenant ON join_links (tenant, id);
CREATE INDEX join_links_sender ON join_links (sender);

-- A list of people who were invited at once.
CREATE TABLE invitation_jobs (
    id BLOB NOT NULL PRIMARY KEY,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    sender_name TEXT NOT NULL,
    created INTEGER NOT NULL,
    stopped INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_jobs_tenant ON invitation_jobs (tenant, id);

-- Who was invited into what, and what became of it.
CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    tenant BLOB NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- The app it is to; NULL for the tenant itself.
    app BLOB,
    address TEXT NOT NULL,
    -- What whoever invites calls them.
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Ids of groups, with blanks between.
    belongs TEXT NOT NULL,
    sender BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    sender_name TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The link by which they asked for it themselves.
    link BLOB REFERENCES join_links (id) ON DELETE SET NULL,
    job BLOB REFERENCES invitation_jobs (id) ON DELETE SET NULL,
    state TEXT NOT NULL,
    -- What became of its newest mail.
    mail TEXT NOT NULL,
    answer TEXT,
    -- When its mail was last asked for, and from when on one that waits may be sent.
    asked INTEGER NOT NULL,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    -- When its link ends; NULL while none was sent.
    expires INTEGER,
    decided INTEGER,
    -- Who accepted it, and when they were given what belongs to it.
    account BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    settled INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitations_tenant ON invitations (tenant, id);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant, address) WHERE state = 'open' AND app IS NULL;
CREATE UNIQUE INDEX invitations_open_app ON invitations (tenant, app, address) WHERE state = 'open' AND app IS NOT NULL;
CREATE INDEX invitations_address ON invitations (address) WHERE state = 'open';
CREATE INDEX invitations_waiting ON invitations (tenant, due) WHERE mail = 'waiting';
CREATE UNIQUE INDEX invitations_joined ON invitations (link, account) WHERE state = 'accepted' AND link IS NOT NULL;
CREATE INDEX invitations_unsettled ON invitations (decided) WHERE state = 'accepted' AND settled IS NULL;
CREATE INDEX invitations_job ON invitations (job) WHERE job IS NOT NULL;
CREATE INDEX invitations_sender ON invitations (sender);
CREATE INDEX invitations_account ON invitations (account);

ALTER TABLE mailed_links ADD COLUMN invitation BLOB REFERENCES invitations (id) ON DELETE CASCADE;
CREATE INDEX mailed_links_invitation ON mailed_links (invitation) WHERE invitation IS NOT NULL;
ALTER TABLE mails ADD COLUMN invitation BLOB REFERENCES invitations (id) ON DELETE CASCADE;
CREATE INDEX mails_invitation ON mails (invitation) WHERE invitation IS NOT NULL;
CREATE INDEX mails_invited ON mails (tenant, created) WHERE purpose = 'invitation';

-- Links that are out, and mails that wait, go on inviting.
INSERT INTO invitations
    SELECT randomblob(16), tenant, app, address, '', 'guest', '', NULL, coalesce(sender, ''), language, NULL, NULL, 'open',
        mail, NULL, created, created, created, expires, NULL, NULL, NULL
    FROM (
        SELECT tenant, app, address, max(sender) AS sender, max(language) AS language, max(mail) AS mail,
            max(created) AS created, max(expires) AS expires
        FROM (
            SELECT tenant, app, address, NULL AS sender, 'en' AS language, 'sent' AS mail, created, expires
            FROM mailed_links WHERE purpose = 'invitation' AND tenant IS NOT NULL AND app IS NOT NULL
            UNION ALL
            SELECT tenant, app, address, sender, language, 'queued', created, NULL
            FROM mails WHERE purpose = 'invitation' AND due IS NOT NULL AND tenant IS NOT NULL AND app IS NOT NULL
        ) AS known GROUP BY tenant, app, address
    ) AS invited;
UPDATE mailed_links SET invitation = (SELECT i.id FROM invitations i
    WHERE i.tenant = mailed_links.tenant AND i.app = mailed_links.app AND i.address = mailed_links.address)
    WHERE purpose = 'invitation';
UPDATE mails SET invitation = (SELECT i.id FROM invitations i
    WHERE i.tenant = mails.tenant AND i.app = mails.app AND i.address = mails.address)
    WHERE purpose = 'invitation' AND due IS NOT NULL;
