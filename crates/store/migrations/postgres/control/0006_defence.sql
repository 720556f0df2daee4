-- How often something was tried in vain; what that was is kept as a hash. Solutions of puzzles are here too: tried once.
CREATE TABLE tries (
    what bytea NOT NULL PRIMARY KEY,
    failures bigint NOT NULL,
    last bigint NOT NULL,
    -- From then on it counts as never tried.
    until bigint NOT NULL
);
CREATE INDEX tries_until ON tries (until);

-- Browsers that somebody has signed in with.
CREATE TABLE known_browsers (
    -- A hash of the browser's token and the account's address: recognised before it is known whose account that is.
    token bytea NOT NULL PRIMARY KEY,
    account uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seen bigint NOT NULL
);
CREATE INDEX known_browsers_account ON known_browsers (account);

-- Who signed in or tried to. Outlives accounts, until its time is over.
CREATE TABLE login_events (
    id uuid NOT NULL PRIMARY KEY,
    at bigint NOT NULL,
    account uuid,
    -- The address that was given, where it is one.
    address text COLLATE "C",
    api_key uuid,
    method text NOT NULL,
    result text NOT NULL,
    network text,
    agent text
);
CREATE INDEX login_events_account ON login_events (account, id);
CREATE INDEX login_events_at ON login_events (at);
