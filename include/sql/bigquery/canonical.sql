{# The canonical text of a value, and its hash: floodmark/core/checksum.py says how, postgres/_canonical.sql likewise. #}
{% macro text(value, type) %}
{% if type == "FLOAT64" %}IF({{ value }} = 0, '0', IF(IS_NAN({{ value }}), 'nan', FORMAT('%.16e', {{ value }})))
{%- elif type in ("NUMERIC", "BIGNUMERIC") -%}
IF(STRPOS(CAST({{ value }} AS STRING), '.') > 0, RTRIM(RTRIM(CAST({{ value }} AS STRING), '0'), '.'), CAST({{ value }} AS STRING))
{%- elif type == "BOOL" %}CAST(CAST({{ value }} AS INT64) AS STRING)
{%- elif type == "BYTES" %}TO_HEX({{ value }})
{%- elif type == "DATE" %}CAST(UNIX_DATE({{ value }}) AS STRING)
{%- elif type == "TIME" %}CAST(TIME_DIFF({{ value }}, TIME '00:00:00', MICROSECOND) AS STRING)
{%- elif type == "TIMESTAMP" %}CAST(UNIX_MICROS({{ value }}) AS STRING)
{%- elif type == "DATETIME" %}CAST(UNIX_MICROS(TIMESTAMP({{ value }}, 'UTC')) AS STRING)
{%- elif type == "STRING" %}{{ value }}
{%- elif type == "JSON" %}IF({{ value }} IS NULL, CAST(NULL AS STRING), TO_JSON_STRING({{ value }}))
{%- elif type == "ABSENT" %}CAST(NULL AS STRING)
{%- elif type == "IS SET" %}IF({{ value }} IS NULL, CAST(NULL AS STRING), '')
{%- elif type.startswith("ARRAY") -%}
(SELECT STRING_AGG(CONCAT(CAST(CHAR_LENGTH(_floodmark_x) AS STRING), ':', _floodmark_x), '' ORDER BY _floodmark_o) FROM (SELECT {{ text("_floodmark_e", type[6:-1]) | replace("\n", "") }} AS _floodmark_x, _floodmark_o FROM UNNEST({{ value }}) AS _floodmark_e WITH OFFSET AS _floodmark_o))
{%- else %}CAST({{ value }} AS STRING)
{%- endif %}
{% endmacro %}
{% macro written(value, type) -%}
IFNULL(CONCAT('=', {{ text(value, type) | replace("\n", "") }}), '')
{%- endmacro %}
{% macro hash(text, digits) %}CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({{ text }})), 1, {{ digits | literal }})) AS INT64){% endmacro %}
