SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")) AS "Total",
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) AS "tags",
    COALESCE("updated_at", ("created_at" AT TIME ZONE 'Europe/Berlin')) AS "_floodmark_cursor"
FROM "shop"."orders"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 10:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 11:00:00+00:00')
        OR ("updated_at" IS NULL AND "created_at" >= TIMESTAMP '2026-11-01 11:00:00' AND "created_at" < TIMESTAMP '2026-11-01 12:00:00')
    )
