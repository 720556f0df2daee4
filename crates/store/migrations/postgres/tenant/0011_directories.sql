-- Groups that a company's directory says who is in. What it says is kept also of people who may not come in for a while.
CREATE TABLE directory_groups (
    id uuid NOT NULL PRIMARY KEY REFERENCES people_groups (id) ON DELETE CASCADE,
    provider uuid NOT NULL,
    external text,
    version bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE INDEX directory_groups_provider ON directory_groups (provider);

CREATE TABLE directory_members (
    group_id uuid NOT NULL REFERENCES directory_groups (id) ON DELETE CASCADE,
    account uuid NOT NULL,
    PRIMARY KEY (group_id, account)
);
CREATE INDEX directory_members_account ON directory_members (account);
