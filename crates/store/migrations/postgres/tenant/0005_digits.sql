-- A double as text by its first 15 significant digits: the shortest form is another one in Rust where two are as near.
CREATE OR REPLACE FUNCTION gk_double_text(double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT trim_scale($1::numeric)::text $$;
