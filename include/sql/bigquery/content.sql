{# All of current, beside the rows that a read brought there, told apart by hashes of whole rows (R36). #}
{% from "bigquery/canonical.sql" import written, hash %}
{% macro of_all(values) %}
{% for value, type in values %}
        {{ written(value, type) }} AS `v{{ loop.index0 }}`,
{% endfor %}
{%- endmacro %}
{% macro joined(values) -%}
CONCAT({% for _ in values %}_floodmark_v.`v{{ loop.index0 }}`{{ ", CHR(31), " if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro totals(of) %}
  IFNULL(SUM(_floodmark_h.`{{ of }}`), 0) AS `{{ of }}_rows`,
  IFNULL(SUM((_floodmark_h.`h` & {{ low | literal }}) * _floodmark_h.`{{ of }}`), 0) AS `{{ of }}_sum`,
  IFNULL(BIT_XOR(IF(MOD(_floodmark_h.`{{ of }}`, 2) = 1, _floodmark_h.`h`, 0)), 0) AS `{{ of }}_xor`,
{%- endmacro %}
SELECT
{% if raw %}
  IFNULL(SUM(GREATEST(_floodmark_h.`brought` - _floodmark_h.`standing`, 0)), 0) AS `missing`,
  IFNULL(SUM(GREATEST(_floodmark_h.`standing` - _floodmark_h.`brought`, 0)), 0) AS `surplus`,
{{ totals("brought") }}
{% endif %}
{{ totals("standing") }}
  IFNULL(SUM(_floodmark_h.`ahead`), 0) AS `ahead`
FROM (
  SELECT
    _floodmark_u.`h`,
    COUNTIF(_floodmark_u.`brought`) AS `brought`,
    COUNTIF(NOT _floodmark_u.`brought`) AS `standing`,
    COUNTIF(_floodmark_u.`ahead`) AS `ahead`
  FROM (
    SELECT {{ hash(joined(standing), digits) }} AS `h`, FALSE AS `brought`, _floodmark_v.`ahead`
    FROM (
      SELECT
{{ of_all(standing) }}
        {% if stamped %}IFNULL(_floodmark_r.`_floodmark_read_at` > {{ last | literal }}, FALSE){% else %}FALSE{% endif %} AS `ahead`
      FROM {{ current | name }} AS _floodmark_r
    ) AS _floodmark_v
{% if raw %}
    UNION ALL
    SELECT {{ hash(joined(brought), digits) }} AS `h`, TRUE AS `brought`, FALSE AS `ahead`
    FROM (
      SELECT
{{ of_all(brought) }}
        FALSE AS `ahead`
      FROM {{ raw | name }} AS _floodmark_r
      WHERE _floodmark_r.`_floodmark_read_at` = {{ read_at | literal }}
    ) AS _floodmark_v
{% endif %}
  ) AS _floodmark_u
  GROUP BY _floodmark_u.`h`
) AS _floodmark_h
