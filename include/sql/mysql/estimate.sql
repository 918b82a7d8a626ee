{% import "mysql/_parts.sql" as parts %}
-- About how many rows lie in a stretch of the primary key: two dives into its index, and no row is read.
EXPLAIN SELECT 1
FROM {{ schema | name }}.{{ table | name }} FORCE INDEX (PRIMARY)
WHERE TRUE
{%- if part.low %}

    AND {{ parts.beyond(key, low) }}{% endif %}
{%- if part.high %}

    AND {{ parts.up_to(key, high) }}{% endif %}

