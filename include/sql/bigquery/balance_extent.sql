{# How many rows current holds; of them from before the table's start, without a cursor, and in sealed slices (R36). #}
{% from "bigquery/parts.sql" import any_of %}
SELECT
  COUNT(*) AS `rows`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` < {{ start | literal }}) AS `early`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` IS NULL) AS `timeless`,
  COUNTIF({{ any_of("_floodmark_t.`_floodmark_cursor`", sealed) | replace("\n", "") if sealed else "FALSE" }}) AS `sealed`
FROM {{ table | name }} AS _floodmark_t
