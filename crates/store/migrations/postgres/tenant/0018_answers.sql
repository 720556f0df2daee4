-- What waits for others is answered: whoever began it is told by whom and with what words, until they have read it.
ALTER TABLE pending ADD COLUMN summary TEXT;
ALTER TABLE pending ADD COLUMN verdict TEXT;
-- Whoever else approved it or turned it down.
ALTER TABLE pending ADD COLUMN approver UUID;
UPDATE pending SET summary = '{}' WHERE state = 'waiting';
CREATE INDEX pending_told ON pending (account, id) WHERE summary IS NOT NULL;
CREATE INDEX pending_approver ON pending (approver) WHERE state = 'approved';
