{# How many keys a table, some of its partitions, or one read in raw holds more than once (R2, R28). #}
{# And how many differ from another in case or trailing spaces alone, where the source holds these for equal (R25). #}
{% from "bigquery/parts.sql" import within %}
{% macro named() %}{% for column in key %}_floodmark_t.{{ column | name }}{{ ", " if not loop.last }}{% endfor %}{% endmacro %}
{% if folded %}
SELECT IFNULL(SUM(_floodmark_f.`doubled`), 0) AS `doubled`, IFNULL(SUM(_floodmark_f.`keys` - 1), 0) AS `alike`
FROM (
  SELECT COUNT(*) AS `keys`, COUNTIF(_floodmark_d.`_floodmark_rows` > 1) AS `doubled`
  FROM (
    SELECT {{ named() }}, COUNT(*) AS `_floodmark_rows`
    FROM {{ table | name }} AS _floodmark_t
    GROUP BY {{ named() }}
  ) AS _floodmark_d
  GROUP BY {% for column in key %}{% if column in folded %}LOWER(RTRIM(_floodmark_d.{{ column | name }}, ' ')){% else %}_floodmark_d.{{ column | name }}{% endif %}{{ ", " if not loop.last }}{% endfor %}

) AS _floodmark_f
{% else %}
SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM {{ table | name }} AS _floodmark_t
{% if read_at %}
  WHERE _floodmark_t.`_floodmark_read_at` = {{ read_at | literal }}
{% elif pruning %}
  WHERE {{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}
{% endif %}
  GROUP BY {{ named() }}
  HAVING COUNT(*) > 1
) AS _floodmark_d
{% endif %}
