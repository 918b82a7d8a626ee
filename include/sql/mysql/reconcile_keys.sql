{% import "mysql/_parts.sql" as parts %}
-- Which of these keys are in the source, by their exact values (R25): a hash alone deletes nothing.
SELECT
{% for expression in told %}
    {{ expression }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ parts.source(own, schema, table) }}
WHERE (
{% for condition in conditions %}
    {{ "OR " if not loop.first }}({{ condition }})
{% endfor %}
)
{{- parts.also(where) }}
LIMIT 10
