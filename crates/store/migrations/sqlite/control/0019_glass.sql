-- Since when whoever has a passkey can be said to have been there: since it was made, or as long as the passkey that was shown in the
-- session it was made in. A password alone makes no passkey that is older than now.
ALTER TABLE factors ADD COLUMN since INTEGER;
UPDATE factors SET since = created WHERE kind = 'passkey';
-- The same of the passkey that was shown in a session.
ALTER TABLE sessions ADD COLUMN passkey_since INTEGER;
-- Since when people of a domain have to come through the company; only an owner's passkey that is not younger opens another way.
ALTER TABLE company_domains ADD COLUMN required_since INTEGER;
UPDATE company_domains SET required_since = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE required <> 0;
