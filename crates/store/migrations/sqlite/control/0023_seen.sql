-- When somebody was last at a tenant they belong to; NULL when they never were since this is noted.
ALTER TABLE memberships ADD COLUMN seen INTEGER;
