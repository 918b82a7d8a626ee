-- Columns that lead an index of the table by which a range of them can be found.
SELECT DISTINCT s.column_name
FROM information_schema.statistics AS s
WHERE BINARY s.table_schema = BINARY {{ schema | literal }} AND BINARY s.table_name = BINARY {{ table | literal }}
    AND s.seq_in_index = 1
    AND s.index_type = 'BTREE'
    AND s.column_name IS NOT NULL
