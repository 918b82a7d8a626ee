{% import "mysql/_parts.sql" as parts %}
-- Each row as one text, a line of CSV: {{ names | join(", ") }}, and its moment
SELECT
    {{ line }}
FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{%- if part and part.low %}

    AND {{ parts.beyond(key, low) }}{% endif %}
{%- if part and part.high %}

    AND {{ parts.up_to(key, high) }}{% endif %}
{%- if timely %}

    AND NOT {{ parts.timeless(cursors) }}{% endif %}
{{- parts.also(where) }}
