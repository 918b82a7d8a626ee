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
{# The rows of no slice: no cursor at all, or the first that is not null is a zero date (R22). #}
{% macro timeless(cursors) -%}
(({% for cursor in cursors %}{{ cursor }} IS NULL{{ " AND " if not loop.last }}{% endfor %})
{%- for cursor in cursors %} OR (
{%- for earlier in cursors[:loop.index0] %}{{ earlier }} IS NULL AND {% endfor -%}
{{ cursor }} < '0001-01-01')
{%- endfor %})
{%- endmacro %}
{# One part of a first load: beyond one key, and up to another, column by column, since not every server finds rows by a
   comparison of several at once (M23). #}
{% macro beyond(key, low) -%}
({% for column in key %}{{ " OR " if not loop.first }}(
{%- for earlier in key[:loop.index0] %}{{ earlier }} = {{ low[loop.index0] }} AND {% endfor -%}
{{ column }} > {{ low[loop.index0] }}){% endfor %})
{%- endmacro %}
{% macro up_to(key, high) -%}
({% for column in key %}{{ " OR " if not loop.first }}(
{%- for earlier in key[:loop.index0] %}{{ earlier }} = {{ high[loop.index0] }} AND {% endfor -%}
{{ column }} {{ "<=" if loop.last else "<" }} {{ high[loop.index0] }}){% endfor %})
{%- endmacro %}
{% macro also(where) -%}
{% if where %}

    AND (
{{ where }}
    )
{%- endif %}
{%- endmacro %}
