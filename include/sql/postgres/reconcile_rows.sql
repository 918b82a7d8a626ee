{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_reconcile.sql" as reconcile with context %}
-- Every row of some buckets, one by one, whatever it stands for (R25).
SELECT r.key_hash, r.standing, r.row_hash
FROM (
    SELECT
        {{ reconcile.seen(hashed, scope) }}
    FROM {{ parts.source(own, schema, table) }}
    WHERE {{ reconcile.among(hashed, buckets) }}
        AND NOT {{ reconcile.is_keyless(hashed) }}
{{- parts.also(where) }}
) AS r
