-- What an inviter was called goes with their account.
ALTER TABLE invitation_jobs ADD COLUMN sender BLOB;
CREATE INDEX invitation_jobs_sender ON invitation_jobs (sender) WHERE sender IS NOT NULL;
CREATE TRIGGER accounts_leave_no_name BEFORE DELETE ON accounts BEGIN
    UPDATE invitations SET sender_name = '' WHERE sender = OLD.id;
    UPDATE invitation_jobs SET sender_name = '', sender = NULL WHERE sender = OLD.id;
    UPDATE mails SET sender = NULL WHERE invitation IN (SELECT i.id FROM invitations i WHERE i.sender = OLD.id);
END;
