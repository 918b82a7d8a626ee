{# The rows of current with the hashes of their keys and of themselves (R25); postgres/_reconcile.sql does the same. #}
{% from "bigquery/canonical.sql" import written, hash %}
{% from "bigquery/parts.sql" import placed %}
{# Numbers come as one text: a request holds more of them so than as an array. #}
{% macro listed(parameter) -%}
(SELECT CAST(_floodmark_x AS INT64) FROM UNNEST(SPLIT(@{{ parameter }}, ',')) AS _floodmark_x WHERE _floodmark_x != '')
{%- endmacro %}
{# ``kept`` are (column, alias) that are given beside the hashes; of keys alone, the row's hash is the key's. #}
{% macro hashed(table, columns, identity, digits, kept, unheld, keys_only=false, instead="") %}
  SELECT
{% for _, alias in kept %}
    _floodmark_i.{{ alias | name }},
{% endfor %}
    {{ hash("_floodmark_i.`identity`", digits) }} AS `key_hash`,
    {{ hash("_floodmark_i.`identity`" if keys_only else "CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`values`)", digits) }} AS `row_hash`
  FROM (
    SELECT
{% for _, alias in kept %}
      _floodmark_v.{{ alias | name }},
{% endfor %}
      CONCAT({% for place in identity %}_floodmark_v.`v{{ place }}`{{ ", CHR(31), " if not loop.last }}{% endfor %}) AS `identity`,
      CONCAT({% for _ in columns %}_floodmark_v.`v{{ loop.index0 }}`, CHR(31), {% endfor %}_floodmark_v.`unheld`) AS `values`
    FROM (
      SELECT
{% for column, alias in kept %}
        _floodmark_t.{{ column | name }} AS {{ alias | name }},
{% endfor %}
{% for column, type in columns %}
        {{ written("_floodmark_t." ~ (column | name), type) }} AS `v{{ loop.index0 }}`,
{% endfor %}
        {% if unheld %}{{ written("_floodmark_t.`_floodmark_unheld`", "STRING") }}{% else %}''{% endif %} AS `unheld`
      FROM {{ placed(table, instead) }} AS _floodmark_t
    ) AS _floodmark_v
  ) AS _floodmark_i
{%- endmacro %}
