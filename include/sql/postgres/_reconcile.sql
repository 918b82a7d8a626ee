{# Rows as a reconcile sees them (R25); bigquery/reconcile_parts.sql does the same for current. #}
{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_canonical.sql" as canonical with context %}
{% macro key_hash(hashed) -%}
{{ canonical.hash(canonical.joined(hashed.key)) }}
{%- endmacro %}
{% macro row_hash(hashed) -%}
{% set beside = "COALESCE('=' || " ~ canonical.unheld(hashed.texts) ~ ", '')" %}
{{ canonical.hash([canonical.joined(hashed.key), canonical.joined(hashed.columns), beside] | join(" || pg_catalog.chr(31) || ")) }}
{%- endmacro %}
{% macro among(hashed, buckets) -%}
{{ key_hash(hashed) }} >> {{ (digits * 4 - buckets.bits) | literal }} = ANY (ARRAY[{% for number in buckets.numbers %}{{ number | literal }}{{ ", " if not loop.last }}{% endfor %}]::bigint[])
{%- endmacro %}
{# A row with a bad value for which it is held out, or at which the read ends (R31). #}
{% macro is_out(hashed) -%}
{% for value in hashed.out %}{{ canonical.bad(value) }} OR {% endfor -%}
({{ moment }} < '0001-01-01' OR {{ moment }} >= '10000-01-01')
{%- endmacro %}
{% macro is_keyless(hashed) -%}
({% for value in hashed.bad_key %}{{ canonical.bad(value) }}{{ " OR " if not loop.last }}{% else %}FALSE{% endfor %}) IS TRUE
{%- endmacro %}
{% macro is_sealed(scope) -%}
{% for interval in scope.sealed %}{{ " OR " if not loop.first }}{{ moment }} >= {{ interval.low | literal }} AND {{ latest }} < {{ interval.high | literal }}{% else %}FALSE{% endfor %}
{%- endmacro %}
{# A row as both statements see it; of keys alone, the row's hash is the key's. #}
{% macro seen(hashed, scope, keys_only=false) -%}
{{ key_hash(hashed) }} AS key_hash,
        {{ key_hash(hashed) if keys_only else row_hash(hashed) }} AS row_hash,
        {{ standing(hashed, scope) }} AS standing
{%- endmacro %}
{# The numbers are those of floodmark.core.reconcile.Standing. The order of the branches matters. #}
{% macro standing(hashed, scope) -%}
CASE
        WHEN {{ is_keyless(hashed) }} THEN 3
        WHEN {{ parts.timeless(cursors) }} THEN {{ 2 if scope.timeless else 3 }}
        WHEN {{ is_out(hashed) }} THEN {{ 2 if hashed.fails else 1 }}
        WHEN {{ moment }} < {{ scope.start | literal }} AND {{ "FALSE" if scope.early else "TRUE" }} THEN 3
        WHEN ({{ moment }} < {{ scope.start | literal }} OR {{ is_sealed(scope) }}) THEN {{ hashed.removed if hashed.removed else "0" }}
        ELSE 2
    END
{%- endmacro %}
