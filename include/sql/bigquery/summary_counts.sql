{# What a summary's build has made: rows, rows whose key has a NULL, keys that stand twice, rows outside its window. #}
SELECT
  COUNT(*) AS `rows`,
  {{ "COUNTIF(" if key else "0" }}{% for column in key %}_floodmark_t.{{ column | name }} IS NULL{{ " OR " if not loop.last }}{% endfor %}{{ ")" if key }} AS `null_keys`,
{% if key %}
  (
    SELECT COUNT(*)
    FROM (
      SELECT 1 AS `one`
      FROM {{ table | name }} AS _floodmark_k
      GROUP BY {% for column in key %}_floodmark_k.{{ column | name }}{{ ", " if not loop.last }}{% endfor %}

      HAVING COUNT(*) > 1
    ) AS _floodmark_d
  ) AS `doubled`,
{% else %}
  0 AS `doubled`,
{% endif %}
{% if low %}
  COUNTIF(NOT COALESCE(
    _floodmark_t.{{ cut | name }} >= {{ low | literal }} AND _floodmark_t.{{ cut | name }} < {{ high | literal }}, FALSE
  )) AS `outside`
{% else %}
  0 AS `outside`
{% endif %}
FROM {{ table | name }} AS _floodmark_t
