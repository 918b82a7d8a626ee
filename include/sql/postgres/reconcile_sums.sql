{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_reconcile.sql" as reconcile with context %}
-- What the settled rows come to, bucket by bucket, and the keys of the loose ones (R25). OFFSET 0: each hash is made once.
SELECT
    r.key_hash >> {{ shift | literal }} AS bucket,
    pg_catalog.count(*) FILTER (WHERE r.standing = 0),
    COALESCE(pg_catalog.sum(r.row_hash & {{ low | literal }}) FILTER (WHERE r.standing = 0), 0)::bigint,
    COALESCE(pg_catalog.bit_xor(r.row_hash) FILTER (WHERE r.standing = 0), 0),
    pg_catalog.array_agg(r.key_hash) FILTER (WHERE r.standing = 2)
FROM (
    SELECT
        {{ reconcile.seen(hashed, scope, keys_only) }}
    FROM {{ parts.source(own, schema, table) }}
    WHERE TRUE
{%- if stretch %}

    AND {{ reconcile.key_hash(hashed) }} >> {{ stretch.shift | literal }} >= {{ stretch.low | literal }}
    AND {{ reconcile.key_hash(hashed) }} >> {{ stretch.shift | literal }} < {{ stretch.high | literal }}
{%- endif %}
{{- parts.also(where) }}
    OFFSET 0
) AS r
GROUP BY 1
