-- What expressions of queries need beside PostgreSQL's own functions: what has no result is null, never an error, so that
-- it does not matter which part of a condition is looked at first. Each means what its namesake in `model::query` means.

-- A whole number within 64 bits.
CREATE FUNCTION gk_integer(numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1::bigint END $$;

-- A decimal below a limit.
CREATE FUNCTION gk_within(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN abs($1) < $2 THEN $1 END $$;

-- The quotient rounded half away from zero, of so many parts: $3 = 10^scale, $4 = 10^-scale.
CREATE FUNCTION gk_quotient(numeric, numeric, numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $2 <> 0 THEN
     div(2 * abs($1) * $3 + abs($2), 2 * abs($2)) * sign($1) * sign($2) * $4 END $$;

CREATE FUNCTION gk_has(bigint, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT $1 & $2 = $2 $$;

-- Doubles. PostgreSQL refuses what is too large and also what is too small; that is null, and zero.
CREATE FUNCTION gk_add(double precision, double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN RETURN $1 + $2 + 0; EXCEPTION WHEN numeric_value_out_of_range THEN RETURN NULL; END $$;

CREATE FUNCTION gk_subtract(double precision, double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN RETURN $1 - $2 + 0; EXCEPTION WHEN numeric_value_out_of_range THEN RETURN NULL; END $$;

CREATE FUNCTION gk_multiply(double precision, double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     RETURN $1 * $2 + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF ln(abs($1)) + ln(abs($2)) < 0 THEN RETURN 0; END IF;
     RETURN NULL;
   END $$;

CREATE FUNCTION gk_divide(double precision, double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     IF $2 = 0 THEN RETURN NULL; END IF;
     RETURN $1 / $2 + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF abs($1) < abs($2) THEN RETURN 0; END IF;
     RETURN NULL;
   END $$;

CREATE FUNCTION gk_remainder(double precision, double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     IF $2 = 0 THEN RETURN NULL; END IF;
     RETURN $1 - $2 * trunc($1 / $2) + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF abs($1) < abs($2) THEN RETURN $1; END IF;
     RETURN NULL;
   END $$;

-- Half away from zero; the remainder of a double is exact.
CREATE FUNCTION gk_round(double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN abs($1 - trunc($1)) >= 0.5 THEN trunc($1) + sign($1) ELSE trunc($1) END + 0 $$;

-- Characters from 0; a negative start counts from the end.
CREATE FUNCTION gk_substring(text, bigint, bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT substr($1,
     CASE WHEN $2 < 0 THEN greatest(length($1) + greatest($2, -1000000000), 0) ELSE least($2, 1000000000) END::int + 1,
     least(greatest($3, 0), 1000000000)::int) $$;

CREATE FUNCTION gk_substring(text, bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT gk_substring($1, $2, 1000000000) $$;

-- Case by tables that come with the query: characters, what each becomes, and the lines of those that become several,
-- whose parts are no characters of the table.
CREATE FUNCTION gk_mapped(text, text, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ DECLARE
     line text;
     found text := $1;
   BEGIN
     FOREACH line IN ARRAY string_to_array($4, E'\n') LOOP
       IF line <> '' AND strpos($1, left(line, 1)) > 0 THEN
         found := replace(found, left(line, 1), substr(line, 2));
       END IF;
     END LOOP;
     RETURN translate(found, $2, $3);
   END $$;

CREATE FUNCTION gk_lower(text, text, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN
     IF octet_length($1) = length($1) THEN RETURN lower($1 COLLATE "C"); END IF;
     RETURN gk_mapped(lower($1 COLLATE "C"), $2, $3, $4);
   END $$;

CREATE FUNCTION gk_upper(text, text, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN
     IF octet_length($1) = length($1) THEN RETURN upper($1 COLLATE "C"); END IF;
     RETURN gk_mapped(upper($1 COLLATE "C"), $2, $3, $4);
   END $$;

-- Casts.
CREATE FUNCTION gk_double_text(double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT trim_scale($1::text::numeric)::text $$;

CREATE FUNCTION gk_double_integer(double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN gk_round($1) >= -9223372036854775808 AND gk_round($1) < 9223372036854775808
     THEN gk_round($1)::bigint END $$;

CREATE FUNCTION gk_text_decimal(text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN octet_length($1) <= 400 AND $1 ~ '^[-+]?[0-9]+(\.[0-9]+)?$' THEN $1::numeric END $$;

CREATE FUNCTION gk_text_integer(text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN octet_length($1) <= 400 AND $1 ~ '^[-+]?[0-9]+$' THEN gk_integer($1::numeric) END $$;

CREATE FUNCTION gk_text_double(text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     RETURN gk_text_decimal($1)::double precision + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF abs(gk_text_decimal($1)) < 1 THEN RETURN 0; END IF;
     RETURN NULL;
   END $$;

CREATE FUNCTION gk_text_boolean(text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE $1 WHEN 'true' THEN true WHEN 'false' THEN false END $$;

CREATE FUNCTION gk_text_date(text) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     IF $1 !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN RETURN NULL; END IF;
     RETURN make_date(left($1, 4)::int, substr($1, 6, 2)::int, substr($1, 9, 2)::int);
   EXCEPTION WHEN datetime_field_overflow THEN RETURN NULL;
   END $$;

CREATE FUNCTION gk_text_time(text) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN $1 ~ '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$'
     THEN make_time(left($1, 2)::int, substr($1, 4, 2)::int, substr($1, 7, 2)::int) END $$;

CREATE FUNCTION gk_text_moment(text) RETURNS timestamp LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN length($1) = 19 AND substr($1, 11, 1) = 'T'
     THEN gk_text_date(left($1, 10)) + gk_text_time(right($1, 8)) END $$;
