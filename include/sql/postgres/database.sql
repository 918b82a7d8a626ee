-- Which database of the cluster this is (R32): one made from a template has the same oids of tables.
SELECT d.oid::text FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
