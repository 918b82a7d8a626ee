-- What beside their columns decides the values of all that this transaction holds locked (R29): each in words, with a digest.
WITH RECURSIVE held AS (
    SELECT DISTINCT c.oid, c.relkind, c.relispartition, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_locks AS l
    JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE l.locktype = 'relation'
        AND l.pid = pg_catalog.pg_backend_pid()
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND n.nspname <> 'pg_catalog'
),
types AS (
    SELECT a.atttypid AS oid
    FROM held AS h
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT part.oid
    FROM types AS s
    JOIN pg_catalog.pg_type AS t ON t.oid = s.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype
        UNION ALL
        SELECT t.typelem
        UNION ALL
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part (oid)
    WHERE part.oid <> 0
),
named AS (
    SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typrelid, n.nspname || '.' || t.typname AS name
    FROM types AS s
    JOIN pg_catalog.pg_type AS t ON t.oid = s.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
)
SELECT 'view ' || h.name AS what, pg_catalog.md5(pg_catalog.pg_get_viewdef(h.oid)) AS digest
FROM held AS h
WHERE h.relkind IN ('v', 'm')
UNION ALL
SELECT
    'generated column ' || h.name || '.' || a.attname,
    pg_catalog.md5(pg_catalog.pg_get_expr(d.adbin, d.adrelid))
FROM held AS h
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE NOT h.relispartition
UNION ALL
SELECT 'label ' || e.oid || ' of enum ' || t.name, pg_catalog.md5(e.enumlabel)
FROM named AS t
JOIN pg_catalog.pg_enum AS e ON e.enumtypid = t.oid
UNION ALL
SELECT 'domain ' || t.name, pg_catalog.md5(pg_catalog.format_type(t.typbasetype, t.typtypmod))
FROM named AS t
WHERE t.typtype = 'd'
UNION ALL
SELECT
    'composite ' || t.name,
    (
        SELECT pg_catalog.md5(
            COALESCE(
                pg_catalog.string_agg(
                    a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum
                ),
                ''
            )
        )
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    )
FROM named AS t
WHERE t.typtype = 'c'
ORDER BY 1
