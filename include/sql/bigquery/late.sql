{# How many rows of a read, in slices that were sealed before, will change current (R12). Run before the merge. #}
{% from "bigquery/parts.sql" import within, any_of, of_read %}
SELECT COUNT(*) AS `late`
FROM (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
    AND ({{ any_of("_floodmark_r.`_floodmark_cursor`", recheck) | replace("\n", "") }})
) AS _floodmark_s
LEFT JOIN {{ current | name }} AS _floodmark_t
ON {% for column in key %}{% if not loop.first %} AND {% endif %}_floodmark_t.{{ column | name }} = _floodmark_s.{{ column | name }}{% endfor %}
{%- if pruning %}

  AND ({{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

WHERE _floodmark_t.`_floodmark_read_at` IS NULL{% for leaves in leaving %} AND NOT _floodmark_s.{{ leaves | name }}{% endfor %}

  OR _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` AND (
    {{ "FALSE" if not leaving else "" }}{% for leaves in leaving %}_floodmark_s.{{ leaves | name }}{{ " OR " if not loop.last }}{% endfor %}

{% for column in compared %}
{% if column.target == "JSON" %}
    OR (_floodmark_t.{{ column.name | name }} IS NULL) != (_floodmark_s.{{ column.name | name }} IS NULL)
{% endif %}
{% if column.target == "JSON" or column.target.startswith("ARRAY") %}
    OR TO_JSON_STRING(_floodmark_t.{{ column.name | name }}) IS DISTINCT FROM TO_JSON_STRING(_floodmark_s.{{ column.name | name }})
{% else %}
    OR _floodmark_t.{{ column.name | name }} IS DISTINCT FROM _floodmark_s.{{ column.name | name }}
{% endif %}
{% endfor %}
  )
