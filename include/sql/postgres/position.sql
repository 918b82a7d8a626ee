-- After the snapshot: the end of the log so far, which what was seen lies before (R3), and the timeline (R10).
-- And since when the server counts what its background writer does: a crash begins that anew, a restart doesn't (R3).
{% if standby %}
SELECT
    COALESCE(pg_catalog.pg_last_wal_replay_lsn()::text, '') AS lsn,
    COALESCE((SELECT pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(r.received_tli)), 8, '0') FROM pg_catalog.pg_stat_wal_receiver AS r), '') AS timeline,
{% else %}
SELECT
    pg_catalog.pg_current_wal_insert_lsn()::text AS lsn,
    pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) AS timeline,
{% endif %}
    COALESCE(pg_catalog.pg_stat_get_bgwriter_stat_reset_time()::text, '') AS era
