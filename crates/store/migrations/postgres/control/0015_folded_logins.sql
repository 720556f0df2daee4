-- Tries that failed alike within an hour are one event, counted.
ALTER TABLE login_events ADD COLUMN times bigint NOT NULL DEFAULT 1;
ALTER TABLE login_events ADD COLUMN last bigint;
-- A hash of the hour and of what is alike; NULL where each counts for itself.
ALTER TABLE login_events ADD COLUMN fold bytea;
CREATE UNIQUE INDEX login_events_fold ON login_events (fold) WHERE fold IS NOT NULL;
CREATE INDEX login_events_crowd ON login_events (at) WHERE fold IS NOT NULL AND account IS NULL;
