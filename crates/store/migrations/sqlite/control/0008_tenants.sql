-- A tenant that is to be erased: nobody finds it from this moment on.
ALTER TABLE tenants ADD COLUMN ending INTEGER;
