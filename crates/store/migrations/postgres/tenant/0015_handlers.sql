-- Who is told of events: an address that mails or signed requests go to.
CREATE TABLE handlers (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    -- Names of events with spaces between; all when empty.
    events text NOT NULL,
    enabled boolean NOT NULL,
    -- Goes into the secret that requests are signed with, which is derived and stands nowhere.
    secret bigint NOT NULL,
    language text NOT NULL,
    created bigint NOT NULL
);

-- What becomes of an event at a handler: waiting, done or dead.
CREATE TABLE deliveries (
    event uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    handler uuid NOT NULL REFERENCES handlers (id) ON DELETE CASCADE,
    state text NOT NULL,
    tries bigint NOT NULL,
    due bigint,
    answer text,
    changed bigint NOT NULL,
    PRIMARY KEY (event, handler)
);
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'waiting';
CREATE INDEX deliveries_handler ON deliveries (handler, event);
