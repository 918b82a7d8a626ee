{# How many keys a table, some of its partitions, or one read in raw holds more than once (R2, R28). #}
{% from "bigquery/parts.sql" import within %}
SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM {{ table | name }} AS _floodmark_t
{% if read_at %}
  WHERE _floodmark_t.`_floodmark_read_at` = {{ read_at | literal }}
{% elif pruning %}
  WHERE {{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}
{% endif %}
  GROUP BY {% for column in key %}_floodmark_t.{{ column | name }}{{ ", " if not loop.last }}{% endfor %}

  HAVING COUNT(*) > 1
) AS _floodmark_d
