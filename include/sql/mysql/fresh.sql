{% import "mysql/_parts.sql" as parts %}
-- How many rows each stretch holds (R21).
SELECT
{% for bounds in counted %}
    (
        SELECT COUNT(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE (
        {{ parts.within(cursors, bounds) }}
        )
{{- parts.also(where) }}
    ){{ "," if not loop.last }}
{% endfor %}
