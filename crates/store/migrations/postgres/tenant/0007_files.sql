-- Contents that rows refer to, or may soon: what is stored and not written down here is nobody's.
CREATE TABLE files (
    object text NOT NULL PRIMARY KEY,
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    table_id text NOT NULL,
    column_id text NOT NULL,
    row_id uuid NOT NULL,
    reference text NOT NULL,
    size bigint NOT NULL,
    held boolean NOT NULL,
    since bigint NOT NULL
);
CREATE INDEX files_row ON files (app, row_id);
CREATE INDEX files_since ON files (held, since);
