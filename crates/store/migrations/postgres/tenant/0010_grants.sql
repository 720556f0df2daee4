-- What is granted in an app: to a person by address, to a group by name, to all the app names, to guests.
CREATE TABLE app_grants (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    kind text NOT NULL,
    -- Empty for those of whom there is one.
    subject text NOT NULL,
    content text NOT NULL,
    changed bigint NOT NULL,
    changed_by uuid NOT NULL,
    PRIMARY KEY (app, kind, subject)
);
-- The apps that groups open.
CREATE INDEX app_grants_subject ON app_grants (kind, subject);
