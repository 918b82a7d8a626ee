-- By which collations a query's texts are compared, in one row; nothing of the query is run.
SELECT
{% for column in columns %}
    pg_catalog.pg_collation_for(own.{{ column | name }}){{ "," if not loop.last }}
{% endfor %}
FROM (VALUES (1)) AS one (row)
LEFT JOIN (
{{ own }}
) AS own ON FALSE
