-- Whether a standby has replayed the log up to a position (R8), and the timeline it follows, where this role is told.
SELECT
    COALESCE(pg_catalog.pg_last_wal_replay_lsn() >= {{ lsn | literal }}::pg_lsn, TRUE) AS replayed,
    (SELECT r.received_tli FROM pg_catalog.pg_stat_wal_receiver AS r) AS timeline
