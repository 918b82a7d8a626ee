{# A question that takes longer than executeSql allows, as an export that tells where it ends. #}
SELECT 'r' AS k, pg_catalog.row_to_json(q)::text AS v
FROM (
{{ statement }}
) AS q
UNION ALL
SELECT 'e', pg_catalog.current_setting('server_version_num') FROM pg_catalog.pg_class WHERE oid = 1259
