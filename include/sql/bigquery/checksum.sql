{# What the rows of one read come to, column by column (R28); floodmark/core/checksum.py says how. #}
{% from "bigquery/parts.sql" import within %}
{% macro text(value, type) %}
{% if type == "FLOAT64" %}IF({{ value }} = 0, '0', IF(IS_NAN({{ value }}), 'nan', FORMAT('%.16e', {{ value }})))
{%- elif type in ("NUMERIC", "BIGNUMERIC") -%}
IF(STRPOS(CAST({{ value }} AS STRING), '.') > 0, RTRIM(RTRIM(CAST({{ value }} AS STRING), '0'), '.'), CAST({{ value }} AS STRING))
{%- elif type == "BOOL" %}CAST(CAST({{ value }} AS INT64) AS STRING)
{%- elif type == "BYTES" %}TO_HEX({{ value }})
{%- elif type == "DATE" %}CAST(UNIX_DATE({{ value }}) AS STRING)
{%- elif type == "TIME" %}CAST(TIME_DIFF({{ value }}, TIME '00:00:00', MICROSECOND) AS STRING)
{%- elif type == "TIMESTAMP" %}CAST(UNIX_MICROS({{ value }}) AS STRING)
{%- elif type == "DATETIME" %}CAST(UNIX_MICROS(TIMESTAMP({{ value }})) AS STRING)
{%- elif type == "STRING" %}{{ value }}
{%- elif type == "JSON" or type.startswith("ARRAY") %}TO_JSON_STRING({{ value }})
{%- else %}CAST({{ value }} AS STRING)
{%- endif %}
{% endmacro %}
{% macro hash(text) %}CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({{ text }})), 1, {{ digits | literal }})) AS INT64){% endmacro %}
SELECT
{% for _ in columns %}
  IFNULL(SUM(h.`h{{ loop.index0 }}` & {{ low | literal }}), 0) AS `s{{ loop.index0 }}`,
  IFNULL(BIT_XOR(h.`h{{ loop.index0 }}`), 0) AS `x{{ loop.index0 }}`,
{% endfor %}
{% if not keyed %}
  IFNULL(SUM(h.`h` & {{ low | literal }}), 0) AS `s{{ columns | length }}`,
  IFNULL(BIT_XOR(h.`h`), 0) AS `x{{ columns | length }}`,
{% endif %}
  COUNT(*) AS `rows`
FROM (
  SELECT
{% for _ in columns %}
    {{ hash("CONCAT(i.`identity`, CHR(31), i.`v" ~ loop.index0 ~ "`)") }} AS `h{{ loop.index0 }}`,
{% endfor %}
    {{ hash("i.`identity`") }} AS `h`
  FROM (
    SELECT
      v.*,
      CONCAT({% for place in identity %}v.`v{{ place }}`{{ ", CHR(31), " if not loop.last }}{% endfor %}) AS `identity`
    FROM (
      SELECT
{% for value, type in columns %}
        IFNULL(CONCAT('=', {{ text(value, type) | replace("\n", "") }}), '') AS `v{{ loop.index0 }}`{{ "," if not loop.last }}
{% endfor %}
      FROM {{ table | name }} AS r
      WHERE r.`_floodmark_read_at` = {{ read_at | literal }}
{%- if removed %} AND NOT ({{ removed }}){% endif %}
{%- if pruning %} AND ({{ within("r." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

    ) AS v
  ) AS i
) AS h
{%- if one_of %}

WHERE MOD(h.`h`, {{ one_of | literal }}) = 0{% endif %}
