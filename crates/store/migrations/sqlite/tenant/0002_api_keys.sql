-- Keys with which programs reach an app in a person's name. Only the hash of a key is kept.
CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    account BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    writes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    used INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_app ON api_keys (app, created);
