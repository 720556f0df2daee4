-- Groups of people, and what else is known of each; accounts are the control database's.
CREATE TABLE people_groups (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    -- The name in lower case: no two alike.
    folded text COLLATE "C" NOT NULL UNIQUE,
    created bigint NOT NULL
);

CREATE TABLE group_members (
    group_id uuid NOT NULL REFERENCES people_groups (id) ON DELETE CASCADE,
    account uuid NOT NULL,
    PRIMARY KEY (group_id, account)
);
CREATE INDEX group_members_account ON group_members (account);

CREATE TABLE person_attributes (
    account uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (account, name)
);
