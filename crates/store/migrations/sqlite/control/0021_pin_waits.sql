-- From when on a PIN may be tried again: longer after each try that was wrong.
ALTER TABLE pins ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
