{% import "mysql/_parts.sql" as parts %}
-- Rows whose cursor is null or no day, and rows whose cursor lies in the future (R22). By two queries, for the indexes.
SELECT
    (
        SELECT COUNT(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE {{ parts.timeless(cursors) }}
{{- parts.also(where) }}
    ),
    (
        SELECT COUNT(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE (
{% for cursor in cursors %}
            {{ "OR " if not loop.first }}(
{%- for earlier in cursors[:loop.index0] %}{{ earlier }} IS NULL AND {% endfor -%}
{{ cursor }} > {{ now[loop.index0] }})
{% endfor %}
        )
{{- parts.also(where) }}
    )
