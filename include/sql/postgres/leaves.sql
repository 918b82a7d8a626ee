-- The physical tables that this transaction holds locked by the read's own query (R11): through views and partitions too.
-- With their storage: a new one under the same table is a rewrite, or a TRUNCATE (R32).
SELECT DISTINCT
    c.oid::bigint AS oid,
    c.relkind::text AS kind,
    COALESCE(m.amname::text, '') AS access_method,
    n.nspname::text || '.' || c.relname::text AS name,
    COALESCE(pg_catalog.pg_relation_filenode(c.oid)::text, '') AS storage
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE l.locktype = 'relation'
    AND l.pid = pg_catalog.pg_backend_pid()
    AND c.relkind IN ('r', 'm', 'f')
    AND n.nspname <> 'pg_catalog'
ORDER BY 1
