-- Rows whose cursor is null or infinite, and rows whose cursor lies in the future (R22). By two queries, for the indexes.
SELECT
    (
        SELECT pg_catalog.count(*)
        FROM "shop"."orders"
        WHERE (("updated_at" IS NULL AND "created_at" IS NULL) OR ("updated_at" IN ('infinity', '-infinity')) OR ("updated_at" IS NULL AND "created_at" IN ('infinity', '-infinity')))
    ),
    (
        SELECT pg_catalog.count(*)
        FROM "shop"."orders"
        WHERE (
            ("updated_at" > pg_catalog.statement_timestamp() AND "updated_at" < 'infinity')
            OR ("updated_at" IS NULL AND "created_at" > (pg_catalog.statement_timestamp() AT TIME ZONE 'Europe/Berlin') AND "created_at" < 'infinity')
        )
    )
