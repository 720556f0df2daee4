-- GUIDs, durations, bytes, and fractions of seconds: what expressions need of them. A duration is a number of microseconds.

-- A moment moved by so many microseconds, within the years 1 to 9999. Whether it stays there is decided by numbers: a
-- timestamp beyond what PostgreSQL holds is an error. Days are taken apart, since an interval is multiplied as a double.
CREATE FUNCTION gk_shift(timestamp, numeric) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN extract(epoch FROM $1)::numeric * 1000000 + $2
     BETWEEN extract(epoch FROM timestamp '0001-01-01')::numeric * 1000000
     AND extract(epoch FROM timestamp '9999-12-31 23:59:59.999999')::numeric * 1000000
   THEN $1 + div($2, 86400000000)::int * interval '1 day' + mod($2, 86400000000)::bigint * interval '1 microsecond'
   END $$;

-- From the second moment to the first.
CREATE FUNCTION gk_since(timestamp, timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ((extract(epoch FROM $1)::numeric - extract(epoch FROM $2)::numeric) * 1000000)::bigint $$;

-- The first number when it is between the others.
CREATE FUNCTION gk_narrow(bigint, bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 BETWEEN $2 AND $3 THEN $1 END $$;

-- The nearest number of 32 bits.
CREATE FUNCTION gk_single(double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     RETURN $1::real::double precision + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF abs($1) < 1 THEN RETURN 0; END IF;
     RETURN NULL;
   END $$;

CREATE FUNCTION gk_moment_text(timestamp) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT rtrim(rtrim(to_char($1, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') $$;

CREATE FUNCTION gk_duration_text(bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 = 0 THEN 'PT0S' ELSE
     CASE WHEN $1 < 0 THEN '-P' ELSE 'P' END
     || CASE WHEN size >= 86400000000 THEN div(size, 86400000000) || 'D' ELSE '' END
     || CASE WHEN mod(size, 86400000000) <> 0 THEN 'T' ELSE '' END
     || CASE WHEN mod(div(size, 3600000000), 24) <> 0 THEN mod(div(size, 3600000000), 24) || 'H' ELSE '' END
     || CASE WHEN mod(div(size, 60000000), 60) <> 0 THEN mod(div(size, 60000000), 60) || 'M' ELSE '' END
     || CASE WHEN mod(size, 60000000) <> 0 THEN trim_scale(mod(size, 60000000) * 0.000001) || 'S' ELSE '' END
     END FROM (SELECT abs($1::numeric) AS size) AS own $$;

CREATE FUNCTION gk_text_duration(text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ DECLARE
     part text[];
     size numeric;
   BEGIN
     IF octet_length($1) > 100 OR $1 ~ '[PT]$' THEN RETURN NULL; END IF;
     part := regexp_match($1,
       '^([-+]?)P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,6})0*)?S)?)?$');
     IF part IS NULL THEN RETURN NULL; END IF;
     size := coalesce(part[2], '0')::numeric * 86400000000 + coalesce(part[3], '0')::numeric * 3600000000
       + coalesce(part[4], '0')::numeric * 60000000 + coalesce(part[5], '0')::numeric * 1000000
       + rpad(coalesce(part[6], ''), 6, '0')::numeric;
     RETURN gk_integer(CASE WHEN part[1] = '-' THEN -size ELSE size END);
   END $$;

-- Base64url without padding.
CREATE FUNCTION gk_binary_text(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT translate(encode($1, 'base64'), E'+/=\n', '-_') $$;

CREATE FUNCTION gk_text_binary(text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ DECLARE
     found bytea;
   BEGIN
     IF octet_length($1) > 1398102 OR length($1) % 4 = 1 OR $1 !~ '^[A-Za-z0-9_-]*$' THEN RETURN NULL; END IF;
     found := decode(translate($1, '-_', '+/') || repeat('=', (4 - length($1) % 4) % 4), 'base64');
     -- Bits that belong to no byte must be zero.
     IF gk_binary_text(found) <> $1 THEN RETURN NULL; END IF;
     RETURN found;
   END $$;

CREATE FUNCTION gk_text_guid(text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN $1::uuid END $$;

CREATE OR REPLACE FUNCTION gk_text_time(text) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 ~ '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$'
     THEN make_time(left($1, 2)::int, substr($1, 4, 2)::int, substr($1, 7)::double precision) END $$;

CREATE OR REPLACE FUNCTION gk_text_moment(text) RETURNS timestamp LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN substr($1, 11, 1) = 'T'
     THEN gk_text_date(left($1, 10)) + gk_text_time(substr($1, 12)) END $$;
