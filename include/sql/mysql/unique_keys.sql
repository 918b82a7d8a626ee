-- Every unique index's columns, the primary key's first; a prefix or an expression is no column (M15).
SELECT s.index_name, s.column_name, s.sub_part
FROM information_schema.statistics AS s
WHERE BINARY s.table_schema = BINARY {{ schema | literal }} AND BINARY s.table_name = BINARY {{ table | literal }}
    AND s.non_unique = 0
ORDER BY s.index_name <> 'PRIMARY', s.index_name, s.seq_in_index
