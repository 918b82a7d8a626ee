-- Whether several readers may share a snapshot: behind a pooler this backend is not the one that the client was told of.
SELECT
    pg_catalog.pg_backend_pid(),
    pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'EXECUTE')
