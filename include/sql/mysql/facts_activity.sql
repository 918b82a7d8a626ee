-- How large a table is, as InnoDB guesses; NULL of a view.
SELECT t.table_rows
FROM information_schema.tables AS t
WHERE t.table_schema = {{ schema | literal }} AND t.table_name = {{ table | literal }}
