-- The read's own query without bounds and rows: locks all that it will touch, and asks for no more than its privileges (R1).
SELECT
    "id",
    pg_catalog.textin(pg_catalog.numeric_out("Total")),
    pg_catalog.textin(pg_catalog.json_out(CASE WHEN pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims("tags"), '[1:', ''), '[') > 0 THEN pg_catalog.to_json(pg_catalog.concat("tags")) ELSE pg_catalog.to_json("tags") END)),
    "updated_at"
FROM "shop"."orders"
WHERE TRUE
LIMIT 0
