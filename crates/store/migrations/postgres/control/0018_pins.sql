-- PINs for security checkpoints: one an account, with the tries since the last that was right.
CREATE TABLE pins (
    account uuid NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    hash text NOT NULL,
    tries bigint NOT NULL,
    changed bigint NOT NULL
);
