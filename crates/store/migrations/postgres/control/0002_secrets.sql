-- Keys of the server as a whole, which only the root key opens.
CREATE TABLE secrets (
    name text NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL
);
