{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_reconcile.sql" as reconcile with context %}
-- All selected rows of the snapshot, class by class (R36). OFFSET 0: each row is judged once.
SELECT r.class, pg_catalog.count(*)
FROM (
    SELECT
        CASE
{% if cursors %}
            WHEN {{ reconcile.is_keyless(hashed) }} THEN 'bad'
{% if scope.timeless %}
            WHEN ({{ parts.timeless(cursors) }}) AND ({{ reconcile.is_out(hashed) }}) THEN 'bad'
{% endif %}
            WHEN {{ parts.timeless(cursors) }} THEN 'timeless'
            WHEN {{ reconcile.is_out(hashed) }} THEN 'bad'
            WHEN {{ reconcile.standing(hashed, scope) }} = 1 THEN 'deleted'
            WHEN {{ moment }} < {{ scope.start | literal }} THEN 'early'
            WHEN {{ reconcile.is_sealed(scope) }} THEN 'settled'
            WHEN {{ moment }} > pg_catalog.now() THEN 'future'
            ELSE 'loose'
{% else %}
            WHEN {{ reconcile.is_keyless(hashed) }} OR {{ reconcile.is_out(hashed) }} THEN 'bad'
            ELSE 'settled'
{% endif %}
        END AS class
    FROM {{ parts.source(own, schema, table) }}
    WHERE TRUE
{{- parts.also(where) }}
    OFFSET 0
) AS r
GROUP BY 1
