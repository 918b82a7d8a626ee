{# How many rows current holds, how many of them from before the table's start, how many without a cursor (R25). #}
SELECT
  COUNT(*) AS `rows`,
  COUNTIF(t.`_floodmark_cursor` < {{ start | literal }}) AS `early`,
  COUNTIF(t.`_floodmark_cursor` IS NULL) AS `timeless`
FROM {{ table | name }} AS t
