{% import "mysql/_parts.sql" as parts %}
-- The read's own query without bounds and rows: holds the definition of all that it will touch (M13).
SELECT
    {{ line }}
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{{- parts.also(where) }}
LIMIT 0
