-- Apps and their versions, the change log, and the registry of row tables. Moments are milliseconds since 1970 in UTC.
CREATE TABLE apps (
    id uuid NOT NULL PRIMARY KEY,
    owner uuid NOT NULL,
    audience text NOT NULL,
    version bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL
);
CREATE INDEX apps_owner ON apps (owner);

CREATE TABLE app_versions (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    version bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    icon text NOT NULL,
    accent text NOT NULL,
    workbook text NOT NULL,
    file_name text NOT NULL,
    created_by uuid NOT NULL,
    created bigint NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (app, version)
);

CREATE TABLE app_people (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    email text COLLATE "C" NOT NULL,
    added bigint NOT NULL,
    PRIMARY KEY (app, email)
);
CREATE INDEX app_people_email ON app_people (email);

-- The head row is taken by every commit to an app's rows, so that sequence order is commit order.
CREATE TABLE heads (
    app uuid NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    epoch uuid NOT NULL,
    sequence bigint NOT NULL
);

CREATE TABLE changes (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    sequence bigint NOT NULL,
    table_number bigint NOT NULL,
    row_id uuid,
    kind bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (app, sequence)
);

CREATE TABLE transactions (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    hash bytea NOT NULL,
    created bigint NOT NULL,
    outcome text NOT NULL,
    PRIMARY KEY (app, id)
);

-- The physical table of a published one is named r<number>; numbers are never used twice.
CREATE TABLE row_tables (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    table_id text COLLATE "C" NOT NULL,
    layout text NOT NULL,
    UNIQUE (app, table_id)
);
