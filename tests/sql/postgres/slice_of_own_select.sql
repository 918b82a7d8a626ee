SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")) AS "Total",
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) AS "tags",
    "updated_at" AS "_floodmark_cursor"
FROM (
SELECT * FROM orders JOIN lines USING (id)
) AS "orders"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 10:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 11:00:00+00:00')
    )
