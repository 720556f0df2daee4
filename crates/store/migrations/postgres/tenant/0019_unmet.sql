-- Since when nobody can meet the gate of gates: those who rule are told once.
CREATE TABLE gates_unmet (
    single bigint NOT NULL PRIMARY KEY CHECK (single = 1),
    since bigint NOT NULL
);
