-- What a name stands for in the catalog; a table that the role may not read isn't there.
SELECT t.table_type, COALESCE(t.engine, ''), COALESCE(t.table_comment, ''), COALESCE(t.table_rows, 0)
FROM information_schema.tables AS t
WHERE BINARY t.table_schema = BINARY {{ schema | literal }} AND BINARY t.table_name = BINARY {{ table | literal }}
