-- Who is told of events: an address that mails or signed requests go to.
CREATE TABLE handlers (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    -- Names of events with spaces between; all when empty.
    events TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    -- Goes into the secret that requests are signed with, which is derived and stands nowhere.
    secret INTEGER NOT NULL,
    language TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What becomes of an event at a handler: waiting, done or dead.
CREATE TABLE deliveries (
    event BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    handler BLOB NOT NULL REFERENCES handlers (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER,
    answer TEXT,
    changed INTEGER NOT NULL,
    PRIMARY KEY (event, handler)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'waiting';
CREATE INDEX deliveries_handler ON deliveries (handler, event);

-- As PostgreSQL says it, so that one text finds the index on both.
DROP INDEX events_waiting;
CREATE INDEX events_waiting ON events (id) WHERE NOT spread;
