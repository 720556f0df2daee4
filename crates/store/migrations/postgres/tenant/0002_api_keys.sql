-- Keys with which programs reach an app in a person's name. Only the hash of a key is kept.
CREATE TABLE api_keys (
    id uuid NOT NULL PRIMARY KEY,
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    writes boolean NOT NULL,
    created bigint NOT NULL,
    expires bigint,
    used bigint
);
CREATE INDEX api_keys_app ON api_keys (app, created);
