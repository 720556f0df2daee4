-- What people are to a tenant. Whoever administered one owns it; everybody else could make apps.
ALTER TABLE memberships ADD COLUMN role text NOT NULL DEFAULT 'maker';
UPDATE memberships SET role = 'owner' WHERE administrator;
ALTER TABLE memberships DROP COLUMN administrator;
CREATE INDEX memberships_owners ON memberships (tenant) WHERE role = 'owner';

-- A tenant goes by its name in addresses, and by its title among people.
ALTER TABLE tenants ADD COLUMN title text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX tenants_name ON tenants (name);
