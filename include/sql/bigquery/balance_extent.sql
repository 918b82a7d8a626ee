{# How many rows current holds; of them from before the table's start, without a cursor, and in sealed slices; and those
   whose columns of ours no merge would leave so (R36). #}
{% from "bigquery/parts.sql" import any_of %}
SELECT
  COUNT(*) AS `rows`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` < {{ start | literal }}) AS `early`,
  COUNTIF(_floodmark_t.`_floodmark_cursor` IS NULL) AS `timeless`,
  COUNTIF({{ any_of("_floodmark_t.`_floodmark_cursor`", sealed) | replace("\n", "") if sealed else "FALSE" }}) AS `sealed`,
  COUNTIF(IFNULL(_floodmark_t.`_floodmark_read_at` > {{ last | literal }}, TRUE)) AS `untimely`,
{% if soft and not flagged %}
  COUNT(*) AS `misflagged`
{% elif soft and soft_boolean %}
  COUNTIF(IFNULL(_floodmark_t.`_floodmark_deleted` != IFNULL(_floodmark_t.{{ soft | name }}, FALSE), TRUE)) AS `misflagged`
{% elif soft %}
  COUNTIF(IFNULL(_floodmark_t.`_floodmark_deleted` != (_floodmark_t.{{ soft | name }} IS NOT NULL), TRUE)) AS `misflagged`
{% else %}
  0 AS `misflagged`
{% endif %}
FROM {{ table | name }} AS _floodmark_t
