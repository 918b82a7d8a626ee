{% import "postgres/_parts.sql" as parts %}
-- The read's own query without bounds and rows: locks all that it will touch, and asks for no more than its privileges (R1).
SELECT
{% for column, expression in columns %}
    {{ expression }},
{% endfor %}
    {{ moment }}
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{{- parts.also(where) }}
LIMIT 0
