-- How far a standby has replayed the log (R8), and the timeline it follows, where this role is told; a primary's own.
SELECT
    pg_catalog.pg_is_in_recovery() AS standby,
    COALESCE(pg_catalog.pg_last_wal_replay_lsn()::text, '0/0') AS replayed,
    CASE
        WHEN pg_catalog.pg_is_in_recovery() THEN
            (SELECT pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(r.received_tli)), 8, '0') FROM pg_catalog.pg_stat_wal_receiver AS r)
        ELSE pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
    END AS timeline,
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() ELSE FALSE END AS paused
