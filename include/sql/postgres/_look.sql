{# What both ways of looking ask: a connection in three statements, Cloud SQL in one. #}
{# The clock, and who asks (R4.1). #}
{% macro clock() -%}
pg_catalog.clock_timestamp() AS clock,
pg_catalog.pg_is_in_recovery() AS standby,
pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
EXISTS (
    SELECT 1
    FROM pg_catalog.pg_subscription AS s
    JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
    WHERE d.datname = pg_catalog.current_database() AND s.subenabled
) AS subscriber,
current_user::text AS role
{%- endmacro %}
{# Every session that may have a transaction of this database (R4.2, R5). Left out: autovacuum, walsenders (but see
   runs_sql) and oneself. Rows that are hidden from this role stay in. #}
{% macro may_write() -%}
(a.datname = pg_catalog.current_database() OR a.datname IS NULL)
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
{%- endmacro %}
