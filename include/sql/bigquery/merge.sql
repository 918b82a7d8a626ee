{# Applies one read to current, in one statement (R18): upserts by key, or replaces a scope. The later read wins (R13). #}
{% from "bigquery/parts.sql" import within, inside, any_of, of_read %}
MERGE {{ current | name }} AS t
USING (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
{% if narrow %}
{% for column in columns if column.name == cut.column %}
    AND ({{ within(column.convert.format(col="r." ~ (cut.column | name)), pruning) | replace("\n", "") }})
{% else %}
    AND ({{ within("r." ~ (cut.column | name), pruning) | replace("\n", "") }})
{% endfor %}
{% endif %}
{% if replace and scope %}
    AND (
{% for interval in scope %}
      {% if not loop.first %}OR {% endif %}({{ inside("r.`_floodmark_cursor`", interval) }} AND NOT EXISTS (
        SELECT 1 FROM {{ current | name }} AS n
        WHERE {{ inside("n.`_floodmark_cursor`", interval) }} AND n.`_floodmark_read_at` >= {{ read_at | literal }}))
{% endfor %}
    )
{% elif replace %}
    AND NOT EXISTS (
      SELECT 1 FROM {{ current | name }} AS n
      WHERE n.`_floodmark_read_at` >= {{ read_at | literal }}
{%- if pruning %} AND ({{ within("n." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %})
{% endif %}
) AS s
{% if replace %}
ON FALSE
WHEN NOT MATCHED BY SOURCE AND IFNULL(t.`_floodmark_read_at` < {{ read_at | literal }}, TRUE)
{%- if scope %} AND ({{ any_of("t.`_floodmark_cursor`", scope) | replace("\n", "") }}){% endif %}
{%- if pruning %} AND ({{ within("t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %} THEN
  DELETE
{% else %}
ON {% for column in key %}{% if not loop.first %} AND {% endif %}
{%- if null_keys %}(t.{{ column | name }} = s.{{ column | name }} OR t.{{ column | name }} IS NULL AND s.{{ column | name }} IS NULL)
{%- else %}t.{{ column | name }} = s.{{ column | name }}{% endif %}{% endfor %}
{%- if pruning %}

  AND ({{ within("t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

{% for leaves in leaving %}
WHEN MATCHED AND t.`_floodmark_read_at` < s.`_floodmark_read_at` AND s.{{ leaves | name }} THEN
  DELETE
{% endfor %}
WHEN MATCHED AND t.`_floodmark_read_at` < s.`_floodmark_read_at` THEN
  UPDATE SET
{% for column in stored if column not in key %}
    {{ column | name }} = s.{{ column | name }}{{ "," if not loop.last }}
{% endfor %}
{% endif %}
WHEN NOT MATCHED BY TARGET{% for leaves in leaving %} AND NOT s.{{ leaves | name }}{% endfor %} THEN
  INSERT ({% for column in stored %}{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
  VALUES ({% for column in stored %}s.{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
{% if older_than %}
WHEN NOT MATCHED BY SOURCE AND t.`_floodmark_read_at` < {{ older_than | literal }}
{%- if pruning %} AND ({{ within("t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %} THEN
  DELETE
{% endif %}
