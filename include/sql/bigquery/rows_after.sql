{# How many rows current will hold once a read is applied: those that it brings, and those that it leaves alone (require_rows). #}
{% from "bigquery/parts.sql" import of_read %}
{% macro gone() %}{% for leaves in leaving %}{% if not loop.first %} OR {% endif %}_floodmark_s.{{ leaves | name }}{% endfor %}{% endmacro %}
SELECT
  (
    SELECT COUNT(*)
    FROM (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
    ) AS _floodmark_s
    WHERE NOT ({{ gone() }})
  ) AS `brought`,
{% if replace %}
  0 AS `kept`
{% else %}
  (
    SELECT COUNT(*)
    FROM {{ current | name }} AS _floodmark_t
    WHERE NOT EXISTS (
      SELECT 1
      FROM (
{{ of_read(columns, raw, read_at, soft, soft_boolean, deleted, unheld) }}
      ) AS _floodmark_s
      WHERE ({{ gone() }}){% for column in key %} AND
{%- if null_keys %} (_floodmark_t.{{ column | name }} = _floodmark_s.{{ column | name }} OR _floodmark_t.{{ column | name }} IS NULL AND _floodmark_s.{{ column | name }} IS NULL)
{%- else %} _floodmark_t.{{ column | name }} = _floodmark_s.{{ column | name }}{% endif %}{% endfor %})
  ) AS `kept`
{% endif %}
