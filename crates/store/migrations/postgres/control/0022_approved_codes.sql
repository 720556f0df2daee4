-- The checkpoint that somebody approved while a program sent them here (RFC 9470): what the code begins may go on with it.
ALTER TABLE codes ADD COLUMN checkpoint uuid;
