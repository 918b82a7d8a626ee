{# Applies one read to current, in one statement (R18): upserts by key, or replaces a scope. The later read wins (R13). #}
{% from "bigquery/parts.sql" import within, inside, any_of, of_read %}
MERGE {{ current | name }} AS _floodmark_t
USING (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
{% if narrow %}
{% for column in columns if column.name == cut.column %}
    AND ({{ within(column.convert.format(col="_floodmark_r." ~ (cut.column | name)), pruning) | replace("\n", "") }})
{% else %}
    AND ({{ within("_floodmark_r." ~ (cut.column | name), pruning) | replace("\n", "") }})
{% endfor %}
{% endif %}
{% if replace and scope %}
    AND (
{% for interval in scope %}
      {% if not loop.first %}OR {% endif %}({{ inside("_floodmark_r.`_floodmark_cursor`", interval) }} AND NOT EXISTS (
        SELECT 1 FROM {{ current | name }} AS _floodmark_n
        WHERE {{ inside("_floodmark_n.`_floodmark_cursor`", interval) }} AND _floodmark_n.`_floodmark_read_at` >= {{ read_at | literal }}
{%- if spanned %} AND ({{ within("_floodmark_n." ~ (cut.column | name), spanned[loop.index0]) | replace("\n", "") }}){% endif %}
{%- if narrow %} AND ({{ within("_floodmark_n." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}))
{% endfor %}
    )
{% elif replace %}
    AND NOT EXISTS (
      SELECT 1 FROM {{ current | name }} AS _floodmark_n
      WHERE _floodmark_n.`_floodmark_read_at` >= {{ read_at | literal }}
{%- if pruning %} AND ({{ within("_floodmark_n." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %})
{% endif %}
) AS _floodmark_s
{% if replace %}
ON FALSE
WHEN NOT MATCHED BY SOURCE AND IFNULL(_floodmark_t.`_floodmark_read_at` < {{ read_at | literal }}, TRUE)
{%- if scope %} AND ({{ any_of("_floodmark_t.`_floodmark_cursor`", scope) | replace("\n", "") }}){% endif %}
{%- if pruning %} AND ({{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %} THEN
  DELETE
{% else %}
ON {% for column in key %}{% if not loop.first %} AND {% endif %}
{%- if null_keys %}(_floodmark_t.{{ column | name }} = _floodmark_s.{{ column | name }} OR _floodmark_t.{{ column | name }} IS NULL AND _floodmark_s.{{ column | name }} IS NULL)
{%- else %}_floodmark_t.{{ column | name }} = _floodmark_s.{{ column | name }}{% endif %}{% endfor %}
{%- if pruning %}

  AND ({{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

{% for leaves in leaving %}
WHEN MATCHED AND _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` AND _floodmark_s.{{ leaves | name }} THEN
  DELETE
{% endfor %}
WHEN MATCHED AND _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` THEN
  UPDATE SET
{% for column, kind in emptied %}
    {{ column | name }} = CAST(NULL AS {{ kind }}),
{% endfor %}
{% for column in stored if column not in key %}
    {{ column | name }} = _floodmark_s.{{ column | name }}{{ "," if not loop.last }}
{% endfor %}
{% endif %}
WHEN NOT MATCHED BY TARGET{% for leaves in leaving %} AND NOT _floodmark_s.{{ leaves | name }}{% endfor %} THEN
  INSERT ({% for column in stored %}{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
  VALUES ({% for column in stored %}_floodmark_s.{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
{% if older_than %}
WHEN NOT MATCHED BY SOURCE AND _floodmark_t.`_floodmark_read_at` < {{ older_than | literal }}
{%- if pruning %} AND ({{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %} THEN
  DELETE
{% endif %}
