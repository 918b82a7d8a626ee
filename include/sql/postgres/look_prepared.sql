-- The look, last of three statements (R4.3): PREPARE puts a transaction here before it leaves pg_stat_activity.
SELECT p.gid, p.owner::text, p.database::text, p.prepared
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.database = pg_catalog.current_database()
