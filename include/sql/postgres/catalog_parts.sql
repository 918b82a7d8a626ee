-- What beside their columns decides the values of all that this transaction holds locked (R29): each in words, with a digest.
{% import "postgres/_types.sql" as found %}
{% macro held() -%}
    SELECT DISTINCT c.oid, c.relkind, c.relispartition, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_locks AS l
    JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE l.locktype = 'relation'
        AND l.pid = pg_catalog.pg_backend_pid()
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND n.nspname <> 'pg_catalog'
{%- endmacro %}
{% set held_name = "(\n" ~ held() ~ "\n)" if flat else "held" %}
{% macro columns_types() -%}
SELECT a.atttypid AS type
FROM {{ held_name }} AS h
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped
{%- endmacro %}
{% macro named() -%}
    SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typrelid, n.nspname || '.' || t.typname AS name
    FROM {{ "(\n" ~ found.all(columns_types(), True) ~ "\n) AS s (oid)" if flat else "types AS s" }}
    JOIN pg_catalog.pg_type AS t ON t.oid = s.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
{%- endmacro %}
{% macro functions() -%}
    SELECT d.refobjid AS oid
    FROM {{ held_name }} AS h
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = h.oid
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    UNION
    SELECT d.refobjid
    FROM {{ held_name }} AS h
    JOIN pg_catalog.pg_attrdef AS e ON e.adrelid = h.oid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = e.adnum AND a.attgenerated <> ''
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = e.oid
    WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
{% if words %}
    UNION
    -- Those that the user's own words may call.
    SELECT p.oid
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND p.proname IN ({% for word in words %}{{ word | literal }}{{ ", " if not loop.last }}{% endfor %})
{% endif %}
{%- endmacro %}
{% if not flat %}
WITH RECURSIVE held AS (
{{ held() }}
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
        SELECT r.rngsubtype
        FROM pg_catalog.pg_range AS r
        WHERE r.rngtypid = t.oid
        UNION ALL
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part (oid)
    WHERE part.oid <> 0
),
named AS (
{{ named() }}
),
functions AS (
{{ functions() }}
)
{% endif %}
SELECT 'view ' || h.name AS what, pg_catalog.md5(pg_catalog.pg_get_viewdef(h.oid)) AS digest
FROM {{ held_name }} AS h
WHERE h.relkind IN ('v', 'm')
UNION ALL
SELECT
    'generated column ' || h.name || '.' || a.attname,
    pg_catalog.md5(pg_catalog.pg_get_expr(d.adbin, d.adrelid))
FROM {{ held_name }} AS h
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE NOT h.relispartition
UNION ALL
SELECT part.what, part.digest
FROM {{ "(\n" ~ named() ~ "\n)" if flat else "named" }} AS t
CROSS JOIN LATERAL (
    SELECT 'label ' || e.oid || ' of enum ' || t.name, pg_catalog.md5(e.enumlabel)
    FROM pg_catalog.pg_enum AS e
    WHERE e.enumtypid = t.oid
    UNION ALL
    SELECT 'domain ' || t.name, pg_catalog.md5(pg_catalog.format_type(t.typbasetype, t.typtypmod))
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
    WHERE t.typtype = 'c'
) AS part (what, digest)
UNION ALL
SELECT
    'function ' || n.nspname || '.' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    -- A body of SQL's own standard lies in a column that PostgreSQL 13 doesn't have.
    pg_catalog.md5(p.prosrc || COALESCE(pg_catalog.to_jsonb(p) ->> 'prosqlbody', ''))
FROM {{ "(\n" ~ functions() ~ "\n)" if flat else "functions" }} AS f
JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
{% if own %}
UNION ALL
-- A SELECT of one's own finds columns by their names, whichever they are by now.
SELECT
    'column ' || h.name || '.' || a.attname,
    pg_catalog.md5(a.attnum || ' ' || pg_catalog.format_type(a.atttypid, NULL))
FROM {{ held_name }} AS h
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = h.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE NOT h.relispartition
{% endif %}
ORDER BY 1
