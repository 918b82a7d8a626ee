{% import "postgres/_parts.sql" as parts %}
-- Where a part of a first load ends: the key of the row that comes so many after the last part's end, along the key's index (R24).
-- As text only outside: an ORDER BY beside it would sort by the text.
SELECT {% for column in key %}pg_catalog.concat(e.{{ column }}){{ ", " if not loop.last }}{% endfor %}

FROM (
    SELECT {{ key | join(", ") }}
    FROM {{ parts.source(own, schema, table) }}
    WHERE TRUE
{%- if low %}

        AND {{ parts.beyond(key, low) }}{% endif %}
{{- parts.also(where) }}
    ORDER BY {{ key | join(", ") }}
    OFFSET {{ (rows - 1) | literal }}
    LIMIT 1
) AS e
