{# An export that describes itself: evidence, rows, an end (h, r, e). One row is one line of JSON, so nothing of CSV but
   the quote is left to go wrong. The settings are made by the first arm, and set_config keeps the plan from running the
   arms side by side; that it came first, and that they stood at the end, the file itself tells. #}
{% import "cloudsql/_hidden.sql" as hidden %}
{% import "cloudsql/_said.sql" as said %}
{% import "cloudsql/_catalog.sql" as catalog %}
SELECT 'h' AS k, (
    SELECT pg_catalog.json_build_object(
{% if told %}
        'catalog', {{ catalog.digest() }},
        'renamed', {{ catalog.renamed(schema, table) }},
{% endif %}
{% if offload %}
        'columns', (
{{ columns }}
        ),
        'following', pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text,
{% endif %}
        'began', pg_catalog.now(),
        'user', current_user::text,
        'standby', pg_catalog.pg_is_in_recovery(),
        'system', (SELECT y.system_identifier::text FROM pg_catalog.pg_control_system() AS y),
        'timeline', CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8) END,
        'lsn', CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_insert_lsn()::text END,
        'started', pg_catalog.to_json(pg_catalog.pg_postmaster_start_time()),
        'held', (
            SELECT pg_catalog.json_build_object(
                'all', pg_catalog.count(*),
                'bad', pg_catalog.count(*) FILTER (WHERE c.oid IS NULL OR c.relfilenode IS DISTINCT FROM COALESCE(pg_catalog.pg_relation_filenode(l.relation), 0)),
                {{ hidden.hidden() }}
            )
            FROM pg_catalog.pg_locks AS l
            LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
            WHERE {{ hidden.locked() }}
        ),
        {{ said.unspoiled(canary, settings) }}
    )::text
    FROM {{ said.settled(settings) }}
) AS v
UNION ALL
SELECT 'r', pg_catalog.json_build_array({% for group in values | batch(50) %}pg_catalog.json_build_array({% for value in group %}{{ value }}{{ ", " if not loop.last }}{% endfor %}){{ ", " if not loop.last }}{% endfor %})::text
FROM (
{{ rows }}
) AS q
UNION ALL
SELECT 'e', (
    SELECT pg_catalog.json_build_object(
        'set', pg_catalog.json_build_array({{ said.set_names(settings) }}),
        'flushed', CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_flush_lsn()::text END,
        'ended', pg_catalog.clock_timestamp()
    )::text
)
