-- Keys of the server as a whole, which only the root key opens.
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
