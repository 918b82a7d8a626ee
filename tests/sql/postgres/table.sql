SELECT
    "id",
    "Total"::text AS "Total",
    pg_catalog.to_json("tags")::text AS "tags",
    NULL::timestamptz AS "_floodmark_cursor",
    TIMESTAMPTZ '2026-11-01 12:00:01+00:00' AS "_floodmark_read_at"
FROM "shop"."orders"
WHERE TRUE
    AND (
id > 0 -- all
    )
