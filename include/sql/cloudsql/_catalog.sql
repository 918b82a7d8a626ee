{# The database's whole catalog in one word, as far as it decides how a table is described: each row's version (xmin, ctid).
   Of tables and schemas what matters, since every export grants itself SELECT, which makes new versions of those rows.
   Temporary tables come and go, and are left out. #}
{% set tables = "SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relpersistence = 't'" %}
{% set schemas = "SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname ~ '^pg_t'" %}
{% set version = "x.xmin, x.ctid" %}
{% set of = [
    ("class", "x.oid, x.relname, x.relnamespace, x.relkind, x.relam, x.relfilenode, x.relpersistence, x.relrowsecurity, x.relispartition", "x.relpersistence <> 't'"),
    ("namespace", "x.oid, x.nspname", "x.nspname !~ '^pg_t'"),
    ("attribute", version, "x.attrelid NOT IN (" ~ tables ~ ")"),
    ("index", version, "x.indrelid NOT IN (" ~ tables ~ ")"),
    ("attrdef", version, "x.adrelid NOT IN (" ~ tables ~ ")"),
    ("type", version, "x.typnamespace NOT IN (" ~ schemas ~ ")"),
    ("constraint", version, "x.connamespace NOT IN (" ~ schemas ~ ")"),
    ("inherits", version, ""), ("description", version, ""), ("rewrite", version, ""), ("proc", version, ""),
    ("enum", version, ""), ("range", version, ""), ("collation", version, ""), ("cast", version, ""), ("policy", version, ""),
    ("am", version, ""), ("auth_members", version, ""),
] %}
{% macro digest() -%}
(
    SELECT pg_catalog.md5(pg_catalog.concat_ws(',', pg_catalog.current_setting('server_version_num'), pg_catalog.string_agg(d.s::text, ',' ORDER BY d.n)))
    FROM (
        {% for catalog, words, condition in of %}
        {{ "UNION ALL" if not loop.first }}
        SELECT {{ loop.index }}, pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', {{ words }}), 0)) FROM pg_catalog.pg_{{ catalog }} AS x{{ " WHERE " ~ condition if condition }}
        {% endfor %}
    ) AS d (n, s)
)
{%- endmacro %}
{# How many columns of a table are called otherwise by now, under the lock, than in the statement's snapshot (R1). #}
{% macro renamed(schema, table) -%}
(
    SELECT pg_catalog.count(*)
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = {{ schema | literal }} AND c.relname = {{ table | literal }}
        AND (pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, a.attnum)).identity
            IS DISTINCT FROM pg_catalog.concat_ws('.', pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident(a.attname))
)
{%- endmacro %}
