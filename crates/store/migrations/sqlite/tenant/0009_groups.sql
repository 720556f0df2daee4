-- Groups of people, and what else is known of each; accounts are the control database's.
CREATE TABLE people_groups (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name in lower case: no two alike.
    folded TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES people_groups (id) ON DELETE CASCADE,
    account BLOB NOT NULL,
    PRIMARY KEY (group_id, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_account ON group_members (account);

CREATE TABLE person_attributes (
    account BLOB NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
