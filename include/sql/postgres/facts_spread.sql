-- From when to when a column's values reach, in UTC, and how many there are, as the planner's statistics have it.
SELECT
    pg_catalog.min(v.value) AT TIME ZONE 'UTC',
    pg_catalog.max(v.value) AT TIME ZONE 'UTC',
    (CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * GREATEST(c.reltuples, 0) ELSE s.n_distinct END)::bigint
FROM pg_catalog.pg_stats AS s
JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
CROSS JOIN LATERAL (
    SELECT pg_catalog.unnest(
        COALESCE(s.histogram_bounds::text::timestamptz[], '{}') || COALESCE(s.most_common_vals::text::timestamptz[], '{}')
    ) AS value
) AS v
WHERE s.schemaname = {{ schema | literal }} AND s.tablename = {{ table | literal }} AND s.attname = {{ column | literal }}
    AND v.value >= '0001-01-01' AND v.value < '9999-01-01'
GROUP BY s.inherited, s.n_distinct, c.reltuples
ORDER BY s.inherited DESC
LIMIT 1
