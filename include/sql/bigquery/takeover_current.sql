{# The rows of such a table as current would hold them (adopt). #}
SELECT
{% for column in columns %}
  {{ column.convert.format(col="_floodmark_r." ~ (column.name | name)) }} AS {{ column.name | name }},
{% endfor %}
  _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
  _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
FROM (
{{ rows }}
) AS _floodmark_r
{% if removed and boolean %}
WHERE NOT IFNULL(_floodmark_r.{{ removed | name }}, FALSE)
{% elif removed %}
WHERE _floodmark_r.{{ removed | name }} IS NULL
{% endif %}
