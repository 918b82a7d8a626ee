{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_reconcile.sql" as reconcile with context %}
SELECT
{% for column, expression in columns %}
    {{ expression }}{% if expression != column | name and column %} AS {{ column | name }}{% endif %}{{ "," if not loop.last or asks_moment }}
{% endfor %}
{% if asks_moment %}
    {{ moment }} AS "_floodmark_cursor"
{% endif %}
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{%- if part and part.low %}

    AND {{ parts.beyond(key, part.low) }}{% endif %}
{%- if part and part.high %}

    AND {{ parts.up_to(key, part.high) }}{% endif %}
{{- parts.placed(stretch) }}
{%- if timely %}

    AND ({{ parts.timeless(cursors) }}) IS NOT TRUE{% endif %}
{%- if buckets %}

    AND {{ reconcile.among(hashed, buckets) }}
    AND {{ reconcile.standing(hashed, scope) }} <> 3
{%- endif %}
{{- parts.also(where) }}
