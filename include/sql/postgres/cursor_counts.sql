{% import "postgres/_parts.sql" as parts %}
-- Rows whose cursor is null or infinite, and rows whose cursor lies in the future (R22). By two queries, for the indexes.
SELECT
    (
        SELECT pg_catalog.count(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE ({{ parts.timeless(cursors) }})
{{- parts.also(where) }}
    ),
    (
        SELECT pg_catalog.count(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE (
{% for cursor in cursors %}
            {{ "OR " if not loop.first }}(
{%- for earlier in cursors[:loop.index0] %}{{ earlier }} IS NULL AND {% endfor -%}
{{ cursor }} > {{ now[loop.index0] }} AND {{ cursor }} < 'infinity')
{% endfor %}
        )
{{- parts.also(where) }}
    )
