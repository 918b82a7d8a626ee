{% import "cloudsql/_hidden.sql" as hidden %}
-- Whether rows of what this transaction holds locked may be hidden from our own role, which counts them (R2).
SELECT pg_catalog.json_build_object({{ hidden.hidden() }}) AS held, current_user::text AS role
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
WHERE {{ hidden.locked() }}
