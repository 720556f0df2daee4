-- The log that is only added to: each row holds the hash of the one before, and all are leaves of a Merkle tree (RFC 9162).
CREATE TABLE audit (
    sequence bigint NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    -- What it is about: a gate's or a provider's id; empty when nothing is.
    subject text COLLATE "C" NOT NULL,
    time bigint NOT NULL,
    -- Canonical JSON, nothing personal.
    facts text NOT NULL,
    -- Canonical JSON: the commitment to each personal value.
    commitments text NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_kind ON audit (kind, sequence);
CREATE INDEX audit_time ON audit (time);

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$;
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM CURRENT_USER;

-- Personal values in clear, which go when the person does; what they were committed to stays.
CREATE TABLE audit_values (
    sequence bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    account uuid,
    salt bytea NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (sequence, name)
);
CREATE INDEX audit_values_account ON audit_values (account, sequence) WHERE account IS NOT NULL;
CREATE TRIGGER audit_values_keep BEFORE UPDATE OR TRUNCATE ON audit_values
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
REVOKE UPDATE, TRUNCATE ON audit_values FROM CURRENT_USER;

-- Where the chain ends, so that adding to it reads one row: peaks are the hashes of the perfect trees, the largest first.
CREATE TABLE audit_end (
    one bigint NOT NULL PRIMARY KEY CHECK (one = 1),
    size bigint NOT NULL,
    hash bytea NOT NULL,
    peaks bytea NOT NULL
) WITH (fillfactor = 20);
INSERT INTO audit_end (one, size, hash, peaks) VALUES (1, 0, decode(repeat('00', 32), 'hex'), '');

-- Every eighth level of the tree, for proofs that read little.
CREATE TABLE audit_nodes (
    level bigint NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, number)
);

-- Heads of the tree that were signed.
CREATE TABLE audit_heads (
    size bigint NOT NULL PRIMARY KEY,
    root bytea NOT NULL,
    time bigint NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL
);
CREATE TRIGGER audit_heads_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_heads FROM CURRENT_USER;

-- What handlers are to be told, kept in the commit it happened in. Who is told of it is decided later.
CREATE TABLE events (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    sequence bigint,
    body text NOT NULL,
    created bigint NOT NULL,
    spread boolean NOT NULL
);
CREATE INDEX events_waiting ON events (id) WHERE NOT spread;
