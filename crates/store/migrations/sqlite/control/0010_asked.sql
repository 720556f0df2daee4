-- Which second factor a tenant asks for of everybody who signs in to it: none, any or passkey.
ALTER TABLE tenants ADD COLUMN second_factor TEXT NOT NULL DEFAULT 'none';
