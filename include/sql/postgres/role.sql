-- Who we are, and whether the role may look into a schema at all: for the statement that lets it read a table there.
SELECT
    CURRENT_USER::text AS role,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS enters
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = {{ schema | literal }}
