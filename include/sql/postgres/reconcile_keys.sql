{% import "postgres/_parts.sql" as parts %}
-- Which of these keys are in the source, by their exact values (R25): a hash alone deletes nothing.
SELECT
{% for expression in told %}
    ({{ expression }})::text{{ "," if not loop.last }}
{% endfor %}
FROM {{ parts.source(own, schema, table) }}
WHERE ({{ told_by | join(", ") }}) IN (VALUES
{% for row in keys %}
    ({% for value, type in row %}{{ value | literal }}::{{ type }}{{ ", " if not loop.last }}{% endfor %}){{ "," if not loop.last }}
{% endfor %}
)
{{- parts.also(where) }}
LIMIT 10
