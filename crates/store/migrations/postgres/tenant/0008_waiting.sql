-- Tables whose rows wait to be calculated anew, since more rows follow a change than one transaction may touch.
CREATE TABLE waiting (
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    table_id text NOT NULL,
    -- The last row that was done; none before the first.
    row_id uuid,
    -- Another change came meanwhile: once more from the first row.
    again boolean NOT NULL,
    -- How many tables this has come through since somebody changed a row.
    round bigint NOT NULL,
    PRIMARY KEY (app, table_id)
);
