-- Gates that ask whoever runs a guarded transaction to prove that they are there, and what waits for that.
CREATE TABLE gates (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    content text NOT NULL,
    changed bigint NOT NULL,
    changed_by uuid NOT NULL
);

-- What holds for all gates: at most one row.
CREATE TABLE gate_settings (
    single bigint NOT NULL PRIMARY KEY CHECK (single = 1),
    content text NOT NULL,
    changed bigint NOT NULL,
    changed_by uuid NOT NULL
);

CREATE TABLE pending (
    id uuid NOT NULL PRIMARY KEY,
    account uuid NOT NULL,
    -- Where it was begun; none where nobody was there.
    session uuid,
    -- None of what is not about an app.
    app uuid REFERENCES apps (id) ON DELETE CASCADE,
    state text NOT NULL,
    content text NOT NULL,
    hash bytea NOT NULL,
    request bytea NOT NULL,
    nonce bytea NOT NULL,
    tries bigint NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    approval text,
    outcome text
);
CREATE INDEX pending_account ON pending (account, state);
CREATE INDEX pending_app ON pending (app);
CREATE INDEX pending_expires ON pending (expires);
