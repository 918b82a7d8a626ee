-- The read's own query without bounds and rows: locks all that it will touch, and asks for no more than its privileges (R1).
SELECT
    "id",
    "Total"::text,
    pg_catalog.to_json("tags")::text,
    "updated_at"
FROM "shop"."orders"
WHERE TRUE
LIMIT 0
