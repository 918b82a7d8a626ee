{% import "postgres/_parts.sql" as parts %}
SELECT
{% for column, expression in columns %}
    {{ expression }}{% if expression != column | name and column %} AS {{ column | name }}{% endif %}{{ "," if not loop.last or read_at }}
{% endfor %}
{% if read_at %}
    {{ moment }} AS "_floodmark_cursor",
    {{ read_at | literal }} AS "_floodmark_read_at"
{% endif %}
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{{- parts.also(where) }}
