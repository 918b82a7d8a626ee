{% import "postgres/_parts.sql" as parts %}
{% import "postgres/_reconcile.sql" as reconcile with context %}
-- The keys behind some hashes, as they travel (R25).
SELECT
{% for expression in told %}
    ({{ expression }})::text{{ "," if not loop.last }}
{% endfor %}
FROM {{ parts.source(own, schema, table) }}
WHERE {{ reconcile.among(hashed, buckets) }}
{{- parts.also(where) }}
