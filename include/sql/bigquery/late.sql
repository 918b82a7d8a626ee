{# How many rows of a read, in slices that were sealed before, will change current (R12). Run before the merge. #}
{% from "bigquery/parts.sql" import within, any_of, of_read %}
SELECT COUNT(*) AS `late`
FROM (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
    AND ({{ any_of("r.`_floodmark_cursor`", recheck) | replace("\n", "") }})
) AS s
LEFT JOIN {{ current | name }} AS t
ON {% for column in key %}{% if not loop.first %} AND {% endif %}t.{{ column | name }} = s.{{ column | name }}{% endfor %}
{%- if pruning %}

  AND ({{ within("t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

WHERE t.`_floodmark_read_at` IS NULL{% for leaves in leaving %} AND NOT s.{{ leaves | name }}{% endfor %}

  OR t.`_floodmark_read_at` < s.`_floodmark_read_at` AND (
    {{ "FALSE" if not leaving else "" }}{% for leaves in leaving %}s.{{ leaves | name }}{{ " OR " if not loop.last }}{% endfor %}

{% for column in compared %}
{% if column.target == "JSON" or column.target.startswith("ARRAY") %}
    OR TO_JSON_STRING(t.{{ column.name | name }}) IS DISTINCT FROM TO_JSON_STRING(s.{{ column.name | name }})
{% else %}
    OR t.{{ column.name | name }} IS DISTINCT FROM s.{{ column.name | name }}
{% endif %}
{% endfor %}
  )
