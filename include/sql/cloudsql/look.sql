-- The look in one statement (R4, R5): the clock, then every session that may have a transaction, then prepared ones.
-- Each part waits for the one before it, whose result it needs, and each view is read once. Then where the database stands.
{% import "postgres/_look.sql" as look %}
SELECT
    c.clock,
    c.standby,
    c.sees_all,
    c.subscriber,
    c.role,
    b.sessions,
    p.prepared,
    pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text AS xmin,
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text AS xmax,
    (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s) AS system,
    CASE WHEN NOT c.standby THEN pg_catalog.pg_current_wal_insert_lsn()::text END AS lsn,
    CASE WHEN NOT c.standby THEN pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) END AS timeline,
    COALESCE(pg_catalog.pg_stat_get_bgwriter_stat_reset_time()::text, '') AS era,
    (SELECT d.oid::text FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()) AS database,
    pg_catalog.pg_postmaster_start_time()::text AS started,
    pg_catalog.clock_timestamp() AS done
FROM (
    SELECT
        {{ look.clock() | indent(8) }}
    OFFSET 0
) AS c
CROSS JOIN LATERAL (
    SELECT
        pg_catalog.json_agg(
            pg_catalog.json_build_array(
                a.pid,
                a.backend_start,
                a.xact_start,
                CASE WHEN a.state IN ('active', 'fastpath function call') THEN a.query_start END,
                a.application_name,
                a.usename::text,
                a.backend_type IS NULL,
                a.state IS NOT DISTINCT FROM 'disabled',
                a.backend_type IS NOT DISTINCT FROM 'walsender'
            )
        ) AS sessions,
        pg_catalog.clock_timestamp() AS read
    FROM pg_catalog.pg_stat_activity AS a
    WHERE c.clock IS NOT NULL
        AND {{ look.may_write() | indent(8) }}
    OFFSET 0
) AS b
CROSS JOIN LATERAL (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_array(x.gid, x.owner::text, x.database::text, x.prepared)) AS prepared
    FROM pg_catalog.pg_prepared_xacts AS x
    WHERE b.read IS NOT NULL AND x.database = pg_catalog.current_database()
    OFFSET 0
) AS p
