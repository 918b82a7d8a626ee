{% import "mysql/_parts.sql" as parts %}
-- Whether the user's own words hold: a condition, over the table or over a SELECT of one's own (R29).
SELECT 1
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{{- parts.also(where) }}
LIMIT 0
