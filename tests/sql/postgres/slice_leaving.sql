SELECT
    "id",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.numeric_out("Total")) END AS "Total",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) END AS "tags",
    "updated_at" AS "_floodmark_cursor",
    "_floodmark_gone"
FROM "shop"."orders",
LATERAL (
    SELECT (
tags <> '{}' -- all
    ) IS NOT TRUE AS "_floodmark_gone"
) AS "_floodmark_selected"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 11:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 12:00:00+00:00')
    )
UNION ALL
SELECT
    "id",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.numeric_out("Total")) END AS "Total",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) END AS "tags",
    "updated_at" AS "_floodmark_cursor",
    "_floodmark_gone"
FROM "shop"."orders",
LATERAL (
    SELECT (
tags <> '{}' -- all
    ) IS NOT TRUE AS "_floodmark_gone"
) AS "_floodmark_selected"
WHERE (
        ("updated_at" >= TIMESTAMPTZ '2026-11-01 09:00:00+00:00' AND "updated_at" < TIMESTAMPTZ '2026-11-01 10:00:00+00:00')
    )
    AND (xmin::text::bigint + CASE WHEN xmin::text::bigint > 5000 THEN 0 ELSE 4294967296 END) >= 4294968000
UNION ALL
SELECT
    "id",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.numeric_out("Total")) END AS "Total",
    CASE WHEN NOT "_floodmark_gone" THEN pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) END AS "tags",
    "updated_at" AS "_floodmark_cursor",
    "_floodmark_gone"
FROM "shop"."orders",
LATERAL (
    SELECT (
tags <> '{}' -- all
    ) IS NOT TRUE AS "_floodmark_gone"
) AS "_floodmark_selected"
WHERE (
        ("updated_at" IS NULL) OR ("updated_at" IN ('infinity', '-infinity'))
    )
