-- Groups that a company's directory says who is in. What it says is kept also of people who may not come in for a while.
CREATE TABLE directory_groups (
    id BLOB NOT NULL PRIMARY KEY REFERENCES people_groups (id) ON DELETE CASCADE,
    provider BLOB NOT NULL,
    external TEXT,
    version INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_groups_provider ON directory_groups (provider);

CREATE TABLE directory_members (
    group_id BLOB NOT NULL REFERENCES directory_groups (id) ON DELETE CASCADE,
    account BLOB NOT NULL,
    PRIMARY KEY (group_id, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_members_account ON directory_members (account);
