-- The look, second of three statements (R4.2, R5): every session that may have a transaction of this database.
-- Left out beside: this ledger's own open reads, which are known by a name that SET LOCAL gives them and by having
-- written nothing.
{% import "postgres/_look.sql" as look %}
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
WHERE {{ look.may_write() | indent }}
    AND (
        a.application_name = {{ own_reads | literal }}
        AND a.backend_xid IS NULL
        AND a.backend_type IS NOT NULL
    ) IS NOT TRUE
