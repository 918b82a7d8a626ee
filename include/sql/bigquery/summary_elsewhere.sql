{# How many keys of a window that was built stand in the summary already, in another partition. #}
SELECT COUNT(*) AS `elsewhere`
FROM {{ aside | name }} AS _floodmark_s
INNER JOIN {{ table | name }} AS _floodmark_t
  ON {% for column in key %}_floodmark_s.{{ column | name }} = _floodmark_t.{{ column | name }}{{ " AND " if not loop.last }}{% endfor %}

WHERE NOT COALESCE(
  _floodmark_t.{{ cut | name }} >= {{ low | literal }} AND _floodmark_t.{{ cut | name }} < {{ high | literal }}, FALSE
)
