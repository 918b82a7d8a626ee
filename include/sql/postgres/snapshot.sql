-- The reading transaction's first query: it takes the snapshot, and says where that stands (R1, R10).
SELECT
    pg_catalog.pg_snapshot_xmin(s.snapshot)::text AS xmin,
    pg_catalog.pg_snapshot_xmax(s.snapshot)::text AS xmax,
    pg_catalog.pg_is_in_recovery() AS standby,
    pg_catalog.pg_postmaster_start_time()::text AS started,
{% if identified %}
    (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS system_id
{% else %}
    '' AS system_id
{% endif %}
FROM (SELECT pg_catalog.pg_current_snapshot() AS snapshot) AS s
