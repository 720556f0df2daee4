-- Lists of people who are invited at once: the app they are invited into; NULL for the tenant itself.
ALTER TABLE invitation_jobs ADD COLUMN app uuid;
