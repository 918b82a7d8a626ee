{# The rows of a table that somebody else filled, as a read of ours would have landed them in raw (adopt). #}
SELECT
{% for column, expression in columns %}
  {{ expression }} AS {{ column | name }},
{% endfor %}
  {{ cursor }} AS `_floodmark_cursor`,
  {{ read_at | literal }} AS `_floodmark_read_at`
FROM {{ table | name }} AS _floodmark_o
