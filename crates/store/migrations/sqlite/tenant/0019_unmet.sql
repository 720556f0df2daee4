-- Since when nobody can meet the gate of gates: those who rule are told once.
CREATE TABLE gates_unmet (
    single INTEGER NOT NULL PRIMARY KEY CHECK (single = 1),
    since INTEGER NOT NULL
) STRICT;
