{% import "mysql/_parts.sql" as parts %}
-- Each row as one text, a line of CSV: {{ names | join(", ") }}, and its moment
SELECT
{% if leaving %}
{# Rows of the slice that ``where`` doesn't select come as their key alone, which leaves the target (R37). #}
    IF((
{{ where }}
    ) IS TRUE, {{ line }}, {{ leaving }})
{% else %}
    {{ line }}
{% endif %}
FROM {{ parts.source(own, schema, table) }}
WHERE (
{% for bounds in arms %}
    {{ "OR " if not loop.first }}({{ parts.within(cursors, bounds) }})
{% endfor %}
{% if nulls %}
    OR {{ parts.timeless(cursors) }}
{% endif %}
)
{{- parts.also(where) if not leaving }}
