{% import "postgres/_parts.sql" as parts %}
-- How many rows of each stretch were written since its base (R21). By their moments too: the bounds of a cursor without
-- zone are wider where the clock is set back, and a row must count in one stretch only.
SELECT
{% for arm, interval in counted %}
    (
        SELECT pg_catalog.count(*)
        FROM {{ parts.source(own, schema, table) }}
        WHERE (
        {{ parts.within(cursors, arm.bounds) }}
        )
        {{- parts.narrowed(arm, xmin) }}
        AND {{ moment }} >= {{ interval.low | literal }} AND {{ moment }} < {{ interval.high | literal }}
{{- parts.also(where) }}
    ){{ "," if not loop.last }}
{% endfor %}
