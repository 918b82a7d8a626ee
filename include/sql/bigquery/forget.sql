{# Rows whose key's digest is among @digests (parted by commas): taken out, or counted by their digest. #}
{# floodmark/core/ledger/forgotten.py makes the same digest of a key that a person names: no statement holds one. #}
{% from "bigquery/canonical.sql" import written %}
{% macro digest(key) %}
SUBSTR(TO_HEX(SHA256(CONCAT(@salt{% for column in key %}, TO_HEX(SHA256({{ written(column.convert.format(col="_floodmark_t." ~ (column.name | name)), column.target) }})){% endfor %}))), 1, {{ digits | literal }})
{%- endmacro %}
{% if delete %}
DELETE FROM {{ table | name }} AS _floodmark_t
WHERE {{ digest(key) }} IN UNNEST(SPLIT(@digests, ','))
{% else %}
SELECT {{ digest(key) }} AS `digest`, COUNT(*) AS `rows`
FROM {{ table | name }} AS _floodmark_t
WHERE {{ digest(key) }} IN UNNEST(SPLIT(@digests, ','))
{% if read_at %}
  AND _floodmark_t.`_floodmark_read_at` = {{ read_at | literal }}
{% endif %}
GROUP BY `digest`
{% endif %}
