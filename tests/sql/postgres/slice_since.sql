SELECT
    "id",
    "Total"::text AS "Total",
    pg_catalog.to_json("tags")::text AS "tags",
    "updated_at" AS "_floodmark_cursor",
    TIMESTAMPTZ '2026-11-01 12:00:01+00:00' AS "_floodmark_read_at"
FROM "shop"."orders"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 11:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 12:00:00+00:00')
    )
    AND (
tags <> '{}'
    )
UNION ALL
SELECT
    "id",
    "Total"::text AS "Total",
    pg_catalog.to_json("tags")::text AS "tags",
    "updated_at" AS "_floodmark_cursor",
    TIMESTAMPTZ '2026-11-01 12:00:01+00:00' AS "_floodmark_read_at"
FROM "shop"."orders"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 09:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 10:00:00+00:00')
    )
    AND (xmin::text::bigint + CASE WHEN xmin::text::bigint > 5000 THEN 0 ELSE 4294967296 END) >= 4294968000
    AND (
tags <> '{}'
    )
