-- Where somebody is signed in, with what they need to know the place again. Made anew, since the old table had the token
-- for its name; those who are signed in stay so.
CREATE TABLE new_sessions (
    id BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of the cookie's token; NULL where no browser is.
    token BLOB UNIQUE,
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- How they showed who they are (RFC 8176), with blanks between.
    methods TEXT NOT NULL,
    -- When they showed it last.
    authenticated INTEGER NOT NULL,
    address TEXT,
    agent TEXT,
    created INTEGER NOT NULL,
    -- The end if it is not used before; never after `ends`.
    expires INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_sessions
    SELECT randomblob(16), token, account, 'pwd', created, NULL, NULL, created, expires, expires, seen FROM sessions;
DROP TABLE sessions;
ALTER TABLE new_sessions RENAME TO sessions;
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);
