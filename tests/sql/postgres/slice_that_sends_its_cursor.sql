SELECT
    "id",
    "updated_at"
FROM "shop"."orders"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 10:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 11:00:00+00:00')
    )
