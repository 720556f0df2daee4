-- What a link leads to stands with its invitation since 0012.
ALTER TABLE mailed_links DROP COLUMN tenant;
ALTER TABLE mailed_links DROP COLUMN app;
