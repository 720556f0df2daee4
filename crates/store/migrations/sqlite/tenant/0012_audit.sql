-- The log that is only added to: each row holds the hash of the one before, and all are leaves of a Merkle tree (RFC 9162).
CREATE TABLE audit (
    sequence INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- What it is about: a gate's or a provider's id; empty when nothing is.
    subject TEXT NOT NULL,
    time INTEGER NOT NULL,
    -- Canonical JSON, nothing personal.
    facts TEXT NOT NULL,
    -- Canonical JSON: the commitment to each personal value.
    commitments TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_kind ON audit (kind);
CREATE INDEX audit_time ON audit (time);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
-- What replaces a row deletes it without asking the trigger above.
CREATE TRIGGER audit_next BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

-- Personal values in clear, which go when the person does; what they were committed to stays.
CREATE TABLE audit_values (
    sequence INTEGER NOT NULL,
    name TEXT NOT NULL,
    account BLOB,
    salt BLOB NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (sequence, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_values_account ON audit_values (account, sequence) WHERE account IS NOT NULL;
CREATE TRIGGER audit_values_no_update BEFORE UPDATE ON audit_values
    BEGIN SELECT RAISE(ABORT, 'values of the audit log are kept or erased'); END;

-- Where the chain ends, so that adding to it reads one row: peaks are the hashes of the perfect trees, the largest first.
CREATE TABLE audit_end (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    hash BLOB NOT NULL,
    peaks BLOB NOT NULL
) STRICT;
INSERT INTO audit_end (one, size, hash, peaks) VALUES (1, 0, zeroblob(32), x'');

-- Every eighth level of the tree, for proofs that read little.
CREATE TABLE audit_nodes (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

-- Heads of the tree that were signed.
CREATE TABLE audit_heads (
    size INTEGER NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    time INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_heads_no_update BEFORE UPDATE ON audit_heads
    BEGIN SELECT RAISE(ABORT, 'signed heads are only added to'); END;
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
    BEGIN SELECT RAISE(ABORT, 'signed heads are only added to'); END;

-- What handlers are to be told, kept in the commit it happened in. Who is told of it is decided later.
CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sequence INTEGER,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    spread INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_waiting ON events (id) WHERE spread = 0;
