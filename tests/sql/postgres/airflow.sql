SELECT
    "id",
    "Total",
    "tags"
FROM "shop"."orders"
WHERE (
        ("updated_at" >= '{{ data_interval_start }}' AND "updated_at" < '{{ data_interval_end }}')
    )
