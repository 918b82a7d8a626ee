{% import "postgres/_parts.sql" as parts %}
{% macro selected() -%}
SELECT
{% for column, expression in columns %}
    {{ expression }}{% if expression != column | name and column %} AS {{ column | name }}{% endif %}{{ "," if not loop.last or read_at }}
{% endfor %}
{% if read_at %}
    {{ moment }} AS "_floodmark_cursor",
    {{ read_at | literal }} AS "_floodmark_read_at"
{% endif %}
FROM {{ parts.source(own, schema, table) }}
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
{{ parts.also(where) }}
{% endfor %}
{% if nulls %}
UNION ALL
{{ selected() }}
WHERE (
        {{ parts.timeless(cursors) }}
    )
{{- parts.also(where) }}
{% endif %}
