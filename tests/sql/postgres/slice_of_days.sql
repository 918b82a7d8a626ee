SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")) AS "Total",
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) AS "tags",
    ("day"::timestamp AT TIME ZONE 'UTC') AS "_floodmark_cursor"
FROM "shop"."orders"
WHERE (
        ("day" >= DATE '2026-11-01' AND "day" < DATE '2026-11-02')
    )
UNION ALL
SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")) AS "Total",
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) AS "tags",
    ("day"::timestamp AT TIME ZONE 'UTC') AS "_floodmark_cursor"
FROM "shop"."orders"
WHERE (
        ("day" >= DATE '2026-11-01' AND "day" < DATE '2026-11-02')
    )
    AND (xmin::text::bigint + CASE WHEN xmin::text::bigint > 5000 THEN 0 ELSE 4294967296 END) >= 7
    AND ((
        ("day" >= DATE '2026-11-01' AND "day" < DATE '2026-11-02')
    )) IS NOT TRUE
