-- How large some physical tables are: the blocks of the largest, the bytes of all; and how many connections are left.
SELECT
    COALESCE(pg_catalog.max(s.bytes) / pg_catalog.current_setting('block_size')::bigint, 0)::bigint AS blocks,
    COALESCE(pg_catalog.sum(s.bytes), 0)::bigint AS bytes,
    (
        SELECT
            LEAST(
                pg_catalog.current_setting('max_connections')::bigint
                - pg_catalog.current_setting('superuser_reserved_connections')::bigint
                - COALESCE(pg_catalog.current_setting('reserved_connections', TRUE)::bigint, 0)
                - pg_catalog.count(*),
                pg_catalog.max(NULLIF(r.rolconnlimit, -1)) - pg_catalog.count(*) FILTER (WHERE a.usesysid = r.oid),
                pg_catalog.max(NULLIF(d.datconnlimit, -1)) - pg_catalog.count(*) FILTER (WHERE a.datid = d.oid)
            )
        FROM pg_catalog.pg_stat_activity AS a
        CROSS JOIN pg_catalog.pg_roles AS r
        CROSS JOIN pg_catalog.pg_database AS d
        WHERE r.rolname = CURRENT_USER
            AND d.datname = pg_catalog.current_database()
            AND a.datid IS NOT NULL
    )::bigint AS connections
FROM
    (
        SELECT pg_catalog.pg_relation_size(l.oid::regclass) AS bytes
        FROM (VALUES {% for oid in leaves %}({{ oid | literal }}::oid){{ ", " if not loop.last }}{% endfor %}) AS l (oid)
    ) AS s
