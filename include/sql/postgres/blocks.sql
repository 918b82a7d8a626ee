-- How many blocks the largest of some physical tables has by now: what several readers share out among them.
SELECT
    COALESCE(
        pg_catalog.max(pg_catalog.pg_relation_size(l.oid::regclass)) / pg_catalog.current_setting('block_size')::bigint, 0
    )::bigint AS blocks
FROM (VALUES {% for oid in leaves %}({{ oid | literal }}::oid){{ ", " if not loop.last }}{% endfor %}) AS l (oid)
