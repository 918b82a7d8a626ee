-- The columns of a table as they are now, in one word: asked before and after an export, it tells a change between (R1).
SELECT
    COALESCE(
        pg_catalog.md5(
            pg_catalog.string_agg(
                pg_catalog.concat_ws(' ', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod), ',' ORDER BY a.attnum
            )
        ),
        ''
    ) AS digest
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = {{ schema | literal }} AND c.relname = {{ table | literal }}
