-- What waits is found page by page, and what is over keeps nothing of what was asked for.
CREATE INDEX pending_waits ON pending (id) WHERE state IN ('open', 'waiting');
CREATE INDEX pending_created ON pending (account, created);
CREATE INDEX pending_kept ON pending (expires) WHERE content <> '';
UPDATE pending SET content = '', approval = NULL, outcome = NULL WHERE state IN ('done', 'failed', 'cancelled');
ALTER TABLE pending DROP COLUMN outcome;
