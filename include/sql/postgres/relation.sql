-- What a name stands for in the catalog, and whether its rows can be told by xmin (R10): heap tables only, with SELECT on it.
SELECT
    c.oid::bigint AS oid,
    c.relkind::text AS relkind,
    COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS comment,
    COALESCE(
        (
            SELECT pg_catalog.sum(l.reltuples)
            FROM pg_catalog.pg_partition_tree(c.oid) AS p
            JOIN pg_catalog.pg_class AS l ON l.oid = p.relid
            WHERE p.isleaf AND l.reltuples > 0
        ),
        GREATEST(c.reltuples, 0)
    )::bigint AS estimated_rows,
    c.relkind IN ('r', 'p')
        AND pg_catalog.has_column_privilege(c.oid, 'xmin', 'SELECT')
        AND NOT EXISTS (
            SELECT 1
            FROM pg_catalog.pg_partition_tree(c.oid) AS p
            JOIN pg_catalog.pg_class AS l ON l.oid = p.relid
            LEFT JOIN pg_catalog.pg_am AS m ON m.oid = l.relam
            WHERE p.isleaf AND m.amname IS DISTINCT FROM 'heap'
        ) AS xmin,
    c.relkind = 'r'
        AND EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid) AS has_children,
    c.relpersistence = 'u' AS unlogged,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = {{ schema | literal }}
    AND c.relname = {{ table | literal }}
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
