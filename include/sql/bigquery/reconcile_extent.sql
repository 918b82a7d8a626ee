{# How many rows current holds, how many of them from before the table's start, how many without a cursor (R25). #}
{% from "bigquery/parts.sql" import placed %}
SELECT
  COUNT(*) AS `rows`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` < {{ start | literal }}) AS `early`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` IS NULL) AS `timeless`
FROM {{ placed(table, instead) }} AS _floodmark_t
