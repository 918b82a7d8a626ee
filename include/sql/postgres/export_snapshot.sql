-- The name by which other transactions take this one's snapshot, as long as it lasts.
SELECT pg_catalog.pg_export_snapshot()
