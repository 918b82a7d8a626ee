{# What current's rows come to, bucket by bucket, without the keys that are loose in the source (R25). #}
{% from "bigquery/reconcile_parts.sql" import hashed, listed %}
SELECT
  _floodmark_h.`key_hash` >> {{ shift | literal }} AS `bucket`,
  COUNT(*) AS `rows`,
  SUM(_floodmark_h.`row_hash` & {{ low | literal }}) AS `sum`,
  BIT_XOR(_floodmark_h.`row_hash`) AS `xor`
FROM (
{{ hashed(table, columns, identity, digits, (), unheld, keys_only, instead) }}
) AS _floodmark_h
WHERE _floodmark_h.`key_hash` NOT IN {{ listed("loose") }}
{% if stretch %}
  AND _floodmark_h.`key_hash` >> {{ stretch.shift | literal }} >= {{ stretch.low | literal }}
  AND _floodmark_h.`key_hash` >> {{ stretch.shift | literal }} < {{ stretch.high | literal }}
{% endif %}
GROUP BY `bucket`
