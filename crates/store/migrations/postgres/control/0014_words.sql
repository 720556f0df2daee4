-- What a link leads to stands with its invitation since 0012.
ALTER TABLE mailed_links DROP COLUMN tenant;
ALTER TABLE mailed_links DROP COLUMN app;

-- Names are found whatever their case: as tenants' databases do it (tenant 0003), with Rust's tables.
CREATE OR REPLACE FUNCTION gk_mapped(text, text, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
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

CREATE OR REPLACE FUNCTION gk_lower(text, text, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$ BEGIN
     IF octet_length($1) = length($1) THEN RETURN lower($1 COLLATE "C"); END IF;
     RETURN gk_mapped(lower($1 COLLATE "C"), $2, $3, $4);
   END $$;
