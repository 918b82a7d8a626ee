{# The rows of current with the hashes of their keys and of themselves (R25); postgres/_reconcile.sql does the same. #}
{% from "bigquery/canonical.sql" import written, hash %}
{# Numbers come as one text: a request holds more of them so than as an array. #}
{% macro listed(parameter) -%}
(SELECT CAST(x AS INT64) FROM UNNEST(SPLIT(@{{ parameter }}, ',')) AS x WHERE x != '')
{%- endmacro %}
{# ``kept`` are (column, alias) that are given beside the hashes; of keys alone, the row's hash is the key's. #}
{% macro hashed(table, columns, identity, digits, kept, unheld, keys_only=false) %}
  SELECT
{% for _, alias in kept %}
    i.{{ alias | name }},
{% endfor %}
    {{ hash("i.`identity`", digits) }} AS `key_hash`,
    {{ hash("i.`identity`" if keys_only else "CONCAT(i.`identity`, CHR(31), i.`values`)", digits) }} AS `row_hash`
  FROM (
    SELECT
{% for _, alias in kept %}
      v.{{ alias | name }},
{% endfor %}
      CONCAT({% for place in identity %}v.`v{{ place }}`{{ ", CHR(31), " if not loop.last }}{% endfor %}) AS `identity`,
      CONCAT({% for _ in columns %}v.`v{{ loop.index0 }}`, CHR(31), {% endfor %}v.`unheld`) AS `values`
    FROM (
      SELECT
{% for column, alias in kept %}
        t.{{ column | name }} AS {{ alias | name }},
{% endfor %}
{% for column, type in columns %}
        {{ written("t." ~ (column | name), type) }} AS `v{{ loop.index0 }}`,
{% endfor %}
        {% if unheld %}{{ written("t.`_floodmark_unheld`", "STRING") }}{% else %}''{% endif %} AS `unheld`
      FROM {{ table | name }} AS t
    ) AS v
  ) AS i
{%- endmacro %}
