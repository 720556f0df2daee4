-- Contents that rows refer to, or may soon: what is stored and not written down here is nobody's.
CREATE TABLE files (
    object TEXT NOT NULL PRIMARY KEY,
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    table_id TEXT NOT NULL,
    column_id TEXT NOT NULL,
    row_id BLOB NOT NULL,
    reference TEXT NOT NULL,
    size INTEGER NOT NULL,
    held INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_row ON files (app, row_id);
CREATE INDEX files_since ON files (held, since);
