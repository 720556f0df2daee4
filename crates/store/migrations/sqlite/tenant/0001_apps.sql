-- Apps and their versions, the change log, and the registry of row tables. Moments are milliseconds since 1970 in UTC.
CREATE TABLE apps (
    id BLOB NOT NULL PRIMARY KEY,
    owner BLOB NOT NULL,
    audience TEXT NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX apps_owner ON apps (owner);

-- A rowid table: definitions are long, and those of WITHOUT ROWID tables would live in overflow pages of the key's tree.
CREATE TABLE app_versions (
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon TEXT NOT NULL,
    accent TEXT NOT NULL,
    workbook TEXT NOT NULL,
    file_name TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (app, version)
) STRICT;

CREATE TABLE app_people (
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    added INTEGER NOT NULL,
    PRIMARY KEY (app, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_people_email ON app_people (email);

-- The head row is taken by every commit to an app's rows, so that sequence order is commit order.
CREATE TABLE heads (
    app BLOB NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    table_number INTEGER NOT NULL,
    row_id BLOB,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (app, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE transactions (
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    hash BLOB NOT NULL,
    created INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- The physical table of a published one is named r<number>; numbers are never used twice.
CREATE TABLE row_tables (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    table_id TEXT NOT NULL,
    layout TEXT NOT NULL,
    UNIQUE (app, table_id)
) STRICT;
