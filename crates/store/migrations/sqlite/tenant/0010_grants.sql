-- What is granted in an app: to a person by address, to a group by name, to all the app names, to guests.
CREATE TABLE app_grants (
    app BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- Empty for those of whom there is one.
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    changed INTEGER NOT NULL,
    changed_by BLOB NOT NULL,
    PRIMARY KEY (app, kind, subject)
) STRICT, WITHOUT ROWID;
-- The apps that groups open.
CREATE INDEX app_grants_subject ON app_grants (kind, subject);
