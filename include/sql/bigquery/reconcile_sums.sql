{# What current's rows come to, bucket by bucket, without the keys that are loose in the source (R25). #}
{% from "bigquery/reconcile_parts.sql" import hashed, listed %}
SELECT
  h.`key_hash` >> {{ shift | literal }} AS `bucket`,
  COUNT(*) AS `rows`,
  SUM(h.`row_hash` & {{ low | literal }}) AS `sum`,
  BIT_XOR(h.`row_hash`) AS `xor`
FROM (
{{ hashed(table, columns, identity, digits, (), unheld, keys_only) }}
) AS h
WHERE h.`key_hash` NOT IN {{ listed("loose") }}
{% if stretch %}
  AND h.`key_hash` >> {{ stretch.shift | literal }} >= {{ stretch.low | literal }}
  AND h.`key_hash` >> {{ stretch.shift | literal }} < {{ stretch.high | literal }}
{% endif %}
GROUP BY `bucket`
