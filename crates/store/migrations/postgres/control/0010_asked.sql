-- Which second factor a tenant asks for of everybody who signs in to it: none, any or passkey.
ALTER TABLE tenants ADD COLUMN second_factor text NOT NULL DEFAULT 'none';
