-- How whoever made a key had shown who they are: a tenant that asks for a second factor asks it of keys, too. Unknown of older ones.
ALTER TABLE api_keys ADD COLUMN methods TEXT;
