{# The partitions that have rows of a table: the start of each, NULL for that of NULL. Bills the partitioning column. #}
{% from "bigquery/parts.sql" import placed %}
SELECT DISTINCT
{% if cut.type == "TIMESTAMP" %}
  TIMESTAMP_TRUNC(_floodmark_t.{{ cut.column | name }}, {{ unit }}, 'UTC') AS `start`
{% else %}
  {{ cut.type }}_TRUNC(_floodmark_t.{{ cut.column | name }}, {{ unit }}) AS `start`
{% endif %}
FROM {{ placed(table, instead) }} AS _floodmark_t
