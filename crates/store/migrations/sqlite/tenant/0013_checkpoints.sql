-- Gates that ask whoever runs a guarded transaction to prove that they are there, and what waits for that.
CREATE TABLE gates (
    id TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL,
    changed INTEGER NOT NULL,
    changed_by BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What holds for all gates: at most one row.
CREATE TABLE gate_settings (
    single INTEGER NOT NULL PRIMARY KEY CHECK (single = 1),
    content TEXT NOT NULL,
    changed INTEGER NOT NULL,
    changed_by BLOB NOT NULL
) STRICT;

CREATE TABLE pending (
    id BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL,
    -- Where it was begun; none where nobody was there.
    session BLOB,
    -- None of what is not about an app.
    app BLOB REFERENCES apps (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    hash BLOB NOT NULL,
    request BLOB NOT NULL,
    nonce BLOB NOT NULL,
    tries INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    approval TEXT,
    outcome TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_account ON pending (account, state);
CREATE INDEX pending_app ON pending (app);
CREATE INDEX pending_expires ON pending (expires);
