{# Questions that executeSql may not answer, or takes too long for, as one export: in one snapshot, each row with its
   question's number. What only locks comes along; in the evidence, which catalog the answers are of. #}
{% import "cloudsql/_said.sql" as said %}
{% import "cloudsql/_catalog.sql" as catalog %}
SELECT 'h' AS k, (
    SELECT pg_catalog.json_build_object(
        'version', pg_catalog.current_setting('server_version_num')::int,
        'catalog', {{ catalog.digest() }},
        {{ said.unspoiled(canary, settings) }}
    )::text
    FROM {{ said.settled(settings) }}
) AS v
{% for statement in statements %}
UNION ALL
SELECT 'r', pg_catalog.json_build_array({{ loop.index0 }}, pg_catalog.row_to_json(q))::text
FROM (
{{ statement }}
) AS q
{% endfor %}
{% if first %}
UNION ALL
SELECT 'r', NULL
FROM (
{{ first }}
) AS q
{% endif %}
UNION ALL
SELECT 'e', (SELECT pg_catalog.json_build_object('set', pg_catalog.json_build_array({{ said.set_names(settings) }}))::text)
