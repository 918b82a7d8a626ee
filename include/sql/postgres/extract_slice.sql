{% import "postgres/_parts.sql" as parts %}
{% macro selected() -%}
SELECT
{% for column, expression in columns %}
{% if leaving and column not in kept %}
    CASE WHEN NOT "_floodmark_gone" THEN {{ expression }} END AS {{ column | name }},
{% else %}
    {{ expression }}{% if expression != column | name and column %} AS {{ column | name }}{% endif %}{{ "," if not loop.last or asks_moment or leaving }}
{% endif %}
{% endfor %}
{% if asks_moment %}
    {{ moment }} AS "_floodmark_cursor"{{ "," if leaving }}
{% endif %}
{% if leaving %}
    "_floodmark_gone"
{% endif %}
FROM {{ parts.source(own, schema, table) }}
{%- if leaving %}
,
{# Rows of the slice that ``where`` doesn't select come as their key alone, which leaves the target (R37). By a comma, #}
{# since behind a JOIN no system column is seen without its table's name. #}
LATERAL (
    SELECT (
{{ where }}
    ) IS NOT TRUE AS "_floodmark_gone"
) AS "_floodmark_selected"
{%- endif %}

{%- endmacro %}
{% for arm in arms %}
{% if not loop.first %}
UNION ALL
{% endif %}
{{ selected() }}
WHERE (
        {{ parts.within(cursors, arm.bounds) }}
    )
{%- if arm.base is not none or arm.leaves %}

   {{ parts.narrowed(arm, xmin) }}
{%- endif %}
{%- for other in arm.overlaps %}

    AND ((
        {{ parts.within(cursors, other.bounds) }}
    )
    {{- parts.narrowed(other, xmin) }}) IS NOT TRUE
{%- endfor %}
{{ parts.placed(stretch) }}
{{- parts.also(where) if not leaving }}
{% endfor %}
{% if nulls %}
UNION ALL
{{ selected() }}
WHERE (
        {{ parts.timeless(cursors) }}
    )
{{- parts.placed(stretch) }}
{{- parts.also(where) if not leaving }}
{% endif %}
