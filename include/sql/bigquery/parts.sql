{# Conditions that several statements share. #}
{% macro within(column, pruning) %}
{% if not pruning.ranges and not pruning.null %}FALSE{% endif %}
{% for low, high in pruning.ranges %}
{% if not loop.first %} OR {% endif %}
{% if low and high %}{{ column }} >= {{ low | literal }} AND {{ column }} < {{ high | literal }}
{%- elif low %}{{ column }} >= {{ low | literal }}
{%- elif high %}{{ column }} < {{ high | literal }}
{%- else %}{{ column }} IS NOT NULL
{%- endif %}
{% endfor %}
{% if pruning.null %}{% if pruning.ranges %} OR {% endif %}{{ column }} IS NULL{% endif %}
{% endmacro %}
{% macro inside(column, interval) %}
{{ column }} >= {{ interval.low | literal }} AND {{ column }} < {{ interval.high | literal }}
{%- endmacro %}
{% macro any_of(column, intervals) %}
{% for interval in intervals %}{% if not loop.first %} OR {% endif %}{{ inside(column, interval) }}{% endfor %}
{% endmacro %}
{# A table; or, before it is there, the SELECT of the rows that it would hold. #}
{% macro placed(table, instead) -%}
{% if instead %}(
{{ instead }}
){% else %}{{ table | name }}{% endif %}
{%- endmacro %}
{# The rows of one read, converted to current's types. One read is one constant of raw's partitioning column. #}
{% macro of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) %}
  SELECT
{% for column in columns %}
    {{ column.convert.format(col="_floodmark_r." ~ (column.name | name)) }} AS {{ column.name | name }},
{% endfor %}
{% if soft %}
{% if soft_boolean %}
    IFNULL(_floodmark_r.{{ soft | name }}, FALSE) AS `_floodmark_deleted`,
{% else %}
    _floodmark_r.{{ soft | name }} IS NOT NULL AS `_floodmark_deleted`,
{% endif %}
{% endif %}
{% if deleted %}
    IFNULL(_floodmark_r.`_floodmark_gone`, FALSE) AS `_floodmark_gone`,
{% endif %}
{% if unheld %}
    _floodmark_r.`_floodmark_unheld` AS `_floodmark_unheld`,
{% endif %}
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM {{ raw | name }} AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = {{ read_at | literal }}
{%- endmacro %}
