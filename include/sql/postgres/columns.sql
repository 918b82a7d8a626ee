-- Columns and the base types under their domains. Of a table: from the catalog. Of a query: types as its result tells them.
-- Types outside pg_catalog bear their schema's name, so that none is taken for a built-in one.
{% import "postgres/_types.sql" as types %}
{% macro columns() -%}
{% if oid is not none %}
    SELECT
        a.attnum::int AS position,
        a.attname::text AS name,
        a.atttypid AS type,
        a.atttypmod AS modifier,
        NOT (
            a.attnotnull
            AND NOT EXISTS (
                SELECT 1
                FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated AND k.conkey = ARRAY[a.attnum]
            )
        ) AS nullable,
        COALESCE(pg_catalog.col_description(a.attrelid, a.attnum), '') AS comment,
        COALESCE(
            (SELECT l.collisdeterministic FROM pg_catalog.pg_collation AS l WHERE l.oid = a.attcollation), TRUE
        ) AS deterministic,
        a.atthasmissing OR a.attgenerated <> '' AS filled
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = {{ oid | literal }} AND a.attnum > 0 AND NOT a.attisdropped
{% else %}
    SELECT
        q.position,
        q.name,
        q.type::oid AS type,
        q.modifier,
        TRUE AS nullable,
        '' AS comment,
        q.deterministic,
        FALSE AS filled
    FROM (
        VALUES
        {% for column in result %}
            ({{ loop.index | literal }}, {{ column.name | literal }}, {{ column.type | literal }}, {{ column.modifier | literal }}, {{ column.deterministic | literal }}){{ "" if loop.last else "," }}
        {% endfor %}
    ) AS q (position, name, type, modifier, deterministic)
{% endif %}
{%- endmacro %}
{% if not flat %}
WITH RECURSIVE columns AS (
{{ columns() }}
),
walk AS (
    SELECT c.position, c.type, c.modifier
    FROM columns AS c
    UNION ALL
    SELECT w.position, t.typbasetype, t.typtypmod
    FROM walk AS w
    JOIN pg_catalog.pg_type AS t ON t.oid = w.type
    WHERE t.typtype = 'd'
),
parts AS (
    SELECT w.position, w.type
    FROM walk AS w
    UNION
    SELECT p.position, part.type
    FROM parts AS p
    JOIN pg_catalog.pg_type AS t ON t.oid = p.type
    CROSS JOIN LATERAL (
        SELECT t.typbasetype
        UNION ALL
        SELECT t.typelem
        WHERE t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc
        UNION ALL
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part (type)
    WHERE part.type <> 0
),
-- What has a part that JSON would not keep: its NULL becomes JSON's null, or a cast of somebody's makes another value of it.
altered AS (
    SELECT DISTINCT p.position
    FROM parts AS p
    WHERE p.type IN ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.jsonb'::pg_catalog.regtype)
        OR EXISTS (
            SELECT 1
            FROM pg_catalog.pg_cast AS c
            JOIN pg_catalog.pg_type AS t ON t.oid = c.castsource AND t.typtype <> 'c'
            WHERE c.castsource = p.type AND c.casttarget = 'pg_catalog.json'::pg_catalog.regtype AND c.castfunc <> 0
        )
)
{% endif %}
SELECT
    c.name,
    pg_catalog.format_type(c.type, c.modifier) AS type,
    CASE WHEN n.nspname = 'pg_catalog' THEN b.typname::text ELSE n.nspname || '.' || b.typname END AS base_type,
    b.typtype::text AS kind,
    w.modifier,
    t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc AS is_array,
    CASE
        WHEN NOT {{ types.alters("c.type") if flat else "EXISTS (SELECT 1 FROM altered AS l WHERE l.position = c.position)" }} THEN ''
        WHEN t.typtype = 'c' THEN 'whole'
        WHEN t.typoutput <> 'pg_catalog.array_out'::pg_catalog.regproc THEN ''
        WHEN b.typdelim = ',' THEN 'elements'
        ELSE 'whole'
    END AS in_parts,
    c.nullable,
    c.comment,
    c.deterministic,
    c.filled,
    {{ "0" if oid is none else "c.position" }} AS number
{% if flat %}
FROM (
{{ columns() }}
) AS c
CROSS JOIN LATERAL (
{{ types.base("c") }}
) AS w
JOIN pg_catalog.pg_type AS t ON t.oid = w.type
{% else %}
FROM columns AS c
JOIN walk AS w ON w.position = c.position
JOIN pg_catalog.pg_type AS t ON t.oid = w.type AND t.typtype <> 'd'
{% endif %}
JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc THEN t.typelem ELSE t.oid END
JOIN pg_catalog.pg_namespace AS n ON n.oid = b.typnamespace
ORDER BY c.position
