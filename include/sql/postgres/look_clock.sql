-- The look, first of three statements (R4.1): the database's clock, before anything else is asked.
SELECT
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
