{% import "mysql/_parts.sql" as parts %}
-- Where a part of a first load ends: the key of the row that comes so many after the last part's end (R24).
SELECT {% for column in key %}{{ told[loop.index0] }}{{ ", " if not loop.last }}{% endfor %}

FROM {{ parts.source(own, schema, table) }}
WHERE TRUE
{%- if low %}

    AND {{ parts.beyond(key, low) }}{% endif %}
{%- if high %}

    AND {{ parts.up_to(key, high) }}{% endif %}
{{- parts.also(where) }}
ORDER BY {{ key | join(", ") }}
LIMIT 1 OFFSET {{ (rows - 1) | literal }}
