{# What the statements of a read share. #}
{% macro source(own, schema, table) -%}
{% if own %}(
{{ own }}
) AS {{ table | name }}
{%- else %}{{ schema | name }}.{{ table | name }}
{%- endif %}
{%- endmacro %}
{# The first cursor that is not null lies in its bounds; written so that an index on each can be used. #}
{% macro within(cursors, bounds) -%}
{% for cursor in cursors %}
{% set low, high = bounds[loop.index0] %}
{{ "\n        OR " if not loop.first }}(
{%- for earlier in cursors[:loop.index0] %}{{ earlier }} IS NULL AND {% endfor -%}
{{ cursor }} >= {{ low | literal }} AND {{ cursor }} < {{ high | literal }})
{%- endfor %}
{%- endmacro %}
{# The rows of no slice: no cursor at all, or the first that is not null is infinite (R22). #}
{% macro timeless(cursors) -%}
({% for cursor in cursors %}{{ cursor }} IS NULL{{ " AND " if not loop.last }}{% endfor %})
{%- for cursor in cursors %} OR (
{%- for earlier in cursors[:loop.index0] %}{{ earlier }} IS NULL AND {% endfor -%}
{{ cursor }} IN ('infinity', '-infinity'))
{%- endfor %}
{%- endmacro %}
{# Of the rows within an arm's bounds: those written since its base (R10), or those of its leaves (R11). #}
{% macro narrowed(arm, xmin) -%}
{% if arm.base is not none %} AND {{ xmin }} >= {{ arm.base | literal }}{% endif %}
{%- if arm.leaves %} AND tableoid IN ({% for oid in arm.leaves %}{{ oid | literal }}{{ ", " if not loop.last }}{% endfor %}){% endif %}
{%- endmacro %}
{# The rows of one part of a first load: whose key lies in (low, high], compared as the key's index does (R24). #}
{% macro beyond(key, low) -%}
({{ key | join(", ") }}) > ({% for value in low %}{{ value | literal }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro up_to(key, high) -%}
({{ key | join(", ") }}) <= ({% for value in high %}{{ value | literal }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro also(where) -%}
{% if where %}

    AND (
{{ where }}
    )
{%- endif %}
{%- endmacro %}
{# Some blocks of the table: each row version that a snapshot sees has one place. #}
{% macro placed(stretch) -%}
{% if stretch and stretch.low is not none %}

    AND ctid >= '({{ stretch.low | literal }},0)'::tid
{%- endif %}
{%- if stretch and stretch.high is not none %}

    AND ctid < '({{ stretch.high | literal }},0)'::tid
{%- endif %}
{%- endmacro %}
