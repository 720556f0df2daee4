-- What a bucket is written to with: the name of its key, the region requests are signed for, and the key, sealed.
ALTER TABLE handlers ADD COLUMN key_id text;
ALTER TABLE handlers ADD COLUMN region text;
ALTER TABLE handlers ADD COLUMN sealed bytea;

-- The order of commits: ids of one millisecond have none.
ALTER TABLE events ADD COLUMN number bigint NOT NULL DEFAULT 0;
UPDATE events SET number = ordered.place
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM events) AS ordered WHERE ordered.id = events.id;
CREATE UNIQUE INDEX events_number ON events (number);
CREATE INDEX events_named ON events (name, number);
DROP INDEX events_waiting;
CREATE INDEX events_waiting ON events (number) WHERE NOT spread;

-- How often somebody had it sent again.
ALTER TABLE deliveries ADD COLUMN again bigint NOT NULL DEFAULT 0;

-- So that what a handler is told next is found however much waits.
ALTER TABLE deliveries ADD COLUMN number bigint NOT NULL DEFAULT 0;
UPDATE deliveries SET number = (SELECT events.number FROM events WHERE events.id = deliveries.event);
CREATE INDEX deliveries_next ON deliveries (handler, due, number) WHERE state = 'waiting';
