-- How often something was tried in vain; what that was is kept as a hash. Solutions of puzzles are here too: tried once.
CREATE TABLE tries (
    what BLOB NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL,
    -- From then on it counts as never tried.
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tries_until ON tries (until);

-- Browsers that somebody has signed in with.
CREATE TABLE known_browsers (
    -- A hash of the browser's token and the account's address: recognised before it is known whose account that is.
    token BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_browsers_account ON known_browsers (account);

-- Who signed in or tried to. Outlives accounts, until its time is over.
CREATE TABLE login_events (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    account BLOB,
    -- The address that was given, where it is one.
    address TEXT,
    api_key BLOB,
    method TEXT NOT NULL,
    result TEXT NOT NULL,
    network TEXT,
    agent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX login_events_account ON login_events (account, id);
CREATE INDEX login_events_at ON login_events (at);
