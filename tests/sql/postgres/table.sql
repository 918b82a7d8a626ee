SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")) AS "Total",
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)) AS "tags"
FROM "shop"."orders"
WHERE TRUE
    AND (
id > 0 -- all
    )
