-- The look, second of three statements (R4.2, R5): every session that may have a transaction of this database.
-- Left out: autovacuum, walsenders (but see runs_sql), oneself, and this ledger's own open reads, which are known by a
-- name that SET LOCAL gives them and by having written nothing. Rows that are hidden from this role stay in.
SELECT
    a.pid,
    a.backend_start,
    a.xact_start,
    CASE WHEN a.state IN ('active', 'fastpath function call') THEN a.query_start END AS query_start,
    a.application_name,
    a.usename,
    a.backend_type IS NULL AS hidden,
    a.state IS NOT DISTINCT FROM 'disabled' AS disabled,
    a.backend_type IS NOT DISTINCT FROM 'walsender' AS runs_sql
FROM pg_catalog.pg_stat_activity AS a
WHERE (a.datname = pg_catalog.current_database() OR a.datname IS NULL)
    AND a.pid <> pg_catalog.pg_backend_pid()
    AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
    AND (
        a.backend_type IS DISTINCT FROM 'walsender'
        OR (
            a.datname IS NOT NULL
            AND a.state IS DISTINCT FROM 'idle'
            AND NOT EXISTS (
                SELECT 1
                FROM pg_catalog.pg_stat_replication AS r
                WHERE r.pid = a.pid AND r.state IN ('catchup', 'streaming')
            )
        )
    )
    AND (
        a.application_name = {{ own_reads | literal }}
        AND a.backend_xid IS NULL
        AND a.backend_type IS NOT NULL
    ) IS NOT TRUE
