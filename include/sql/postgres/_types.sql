{# What recursion finds, for where no common table expression may stand: types in types, down to a depth that nobody
   reaches; one who does is told, and no part is left out in silence. #}
{% set depth = 9 %}
{# The parts that a type is of, one step down. #}
{% macro step(type) -%}
SELECT t.typbasetype
FROM pg_catalog.pg_type AS t
WHERE t.oid = {{ type }} AND t.typbasetype <> 0
UNION ALL
SELECT t.typelem
FROM pg_catalog.pg_type AS t
WHERE t.oid = {{ type }} AND t.typelem <> 0 {{ caller() }}
UNION ALL
SELECT a.atttypid
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.oid = {{ type }} AND t.typtype = 'c'
{%- endmacro %}
{# All parts of the types of ``first``, a SELECT of one column ``type``, and themselves; ranges have one where ``ranges``. #}
{% macro all(first, ranges) -%}
SELECT DISTINCT p.type
FROM (
{{ levels(depth, first, ranges) }}
) AS p
WHERE CASE WHEN p.fresh THEN ('types lie more than {{ depth }} deep in one another: ' || p.type)::boolean ELSE TRUE END
{%- endmacro %}
{% macro levels(left, first, ranges) -%}
{% if left == 0 %}
SELECT f.type, TRUE AS fresh
FROM (
{{ first }}
) AS f
{% else %}
SELECT x.type, x.fresh
FROM (
{{ levels(left - 1, first, ranges) }}
) AS p
CROSS JOIN LATERAL (
SELECT p.type, FALSE
UNION ALL
SELECT s.type, TRUE
FROM (
{% call step("p.type") %}{{ "" if ranges else "AND t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc" }}{% endcall %}
{% if ranges %}
UNION ALL
SELECT r.rngsubtype
FROM pg_catalog.pg_range AS r
WHERE r.rngtypid = p.type
{% endif %}
) AS s (type)
WHERE p.fresh
) AS x (type, fresh)
{% endif %}
{%- endmacro %}
{# The type under a column's domains, with its modifier. #}
{% macro base(column) -%}
{{ _base(depth, column) }}
{%- endmacro %}
{% macro _base(left, column) -%}
{% if left == 0 %}
SELECT {{ column }}.type, {{ column }}.modifier
{% else %}
SELECT
    CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE w.type END AS type,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE w.modifier END AS modifier
FROM (
{{ _base(left - 1, column) }}
) AS w
JOIN pg_catalog.pg_type AS t ON t.oid = w.type
{% endif %}
{%- endmacro %}
{# Whether a type has a part that JSON would not keep, see columns.sql. #}
{% macro alters(type) -%}
EXISTS (
SELECT 1
FROM (
{{ all("SELECT " ~ type ~ " AS type", False) }}
) AS p
WHERE p.type IN ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.jsonb'::pg_catalog.regtype)
    OR EXISTS (
        SELECT 1
        FROM pg_catalog.pg_cast AS k
        JOIN pg_catalog.pg_type AS t ON t.oid = k.castsource AND t.typtype <> 'c'
        WHERE k.castsource = p.type AND k.casttarget = 'pg_catalog.json'::pg_catalog.regtype AND k.castfunc <> 0
    )
)
{%- endmacro %}
