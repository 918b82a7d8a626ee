{# What the rows of one read come to, column by column (R28); floodmark/core/checksum.py says how. #}
{% from "bigquery/parts.sql" import within %}
{% from "bigquery/canonical.sql" import written, hash %}
SELECT
{% for _ in columns %}
  IFNULL(SUM(_floodmark_h.`h{{ loop.index0 }}` & {{ low | literal }}), 0) AS `s{{ loop.index0 }}`,
  IFNULL(BIT_XOR(_floodmark_h.`h{{ loop.index0 }}`), 0) AS `x{{ loop.index0 }}`,
{% endfor %}
{% if not keyed %}
  IFNULL(SUM(_floodmark_h.`h` & {{ low | literal }}), 0) AS `s{{ columns | length }}`,
  IFNULL(BIT_XOR(_floodmark_h.`h`), 0) AS `x{{ columns | length }}`,
{% endif %}
  COUNT(*) AS `rows`
FROM (
  SELECT
{% for _ in columns %}
    {{ hash("CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v" ~ loop.index0 ~ "`)", digits) }} AS `h{{ loop.index0 }}`,
{% endfor %}
    {{ hash("_floodmark_i.`identity`", digits) }} AS `h`
  FROM (
    SELECT
      _floodmark_v.*,
      CONCAT({% for place in identity %}_floodmark_v.`v{{ place }}`{{ ", CHR(31), " if not loop.last }}{% endfor %}) AS `identity`
    FROM (
      SELECT
{% for value, type in columns %}
        {{ written(value, type) }} AS `v{{ loop.index0 }}`{{ "," if not loop.last }}
{% endfor %}
      FROM {{ table | name }} AS _floodmark_r
      WHERE _floodmark_r.`_floodmark_read_at` = {{ read_at | literal }}
{%- if removed %} AND NOT ({{ removed }}){% endif %}
{%- if pruning %} AND ({{ within("_floodmark_r." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

    ) AS _floodmark_v
  ) AS _floodmark_i
) AS _floodmark_h
{%- if one_of %}

WHERE MOD(_floodmark_h.`h`, {{ one_of | literal }}) = 0{% endif %}
