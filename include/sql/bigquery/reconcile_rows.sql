{# Current's rows in some buckets, one by one, with their keys (R25). #}
{% from "bigquery/reconcile_parts.sql" import hashed, listed %}
SELECT *
FROM (
{{ hashed(table, columns, identity, digits, kept, unheld, instead=instead) }}
) AS _floodmark_h
WHERE _floodmark_h.`key_hash` >> {{ shift | literal }} IN {{ listed("buckets") }}
