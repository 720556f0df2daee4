-- Where somebody is signed in, with what they need to know the place again. Those who are signed in stay so.
ALTER TABLE sessions DROP CONSTRAINT sessions_pkey;
ALTER TABLE sessions ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE sessions ALTER COLUMN id DROP DEFAULT;
ALTER TABLE sessions ADD PRIMARY KEY (id);
-- SHA-256 of the cookie's token; NULL where no browser is.
ALTER TABLE sessions ALTER COLUMN token DROP NOT NULL;
ALTER TABLE sessions ADD CONSTRAINT sessions_token UNIQUE (token);
-- How they showed who they are (RFC 8176), with blanks between.
ALTER TABLE sessions ADD COLUMN methods text NOT NULL DEFAULT 'pwd';
ALTER TABLE sessions ALTER COLUMN methods DROP DEFAULT;
-- When they showed it last.
ALTER TABLE sessions ADD COLUMN authenticated bigint;
UPDATE sessions SET authenticated = created;
ALTER TABLE sessions ALTER COLUMN authenticated SET NOT NULL;
ALTER TABLE sessions ADD COLUMN address text;
ALTER TABLE sessions ADD COLUMN agent text;
-- `expires` is the end if it is not used before; never after `ends`.
ALTER TABLE sessions ADD COLUMN ends bigint;
UPDATE sessions SET ends = expires;
ALTER TABLE sessions ALTER COLUMN ends SET NOT NULL;
