-- The nearest double of a sum; null beyond them.
CREATE FUNCTION gk_numeric_double(numeric) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN
     RETURN $1::double precision + 0;
   EXCEPTION WHEN numeric_value_out_of_range THEN
     IF abs($1) < 1 THEN RETURN 0; END IF;
     RETURN NULL;
   END $$;
