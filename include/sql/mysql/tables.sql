-- Every table and view that the role may read, without the server's own.
SELECT t.table_schema, t.table_name
FROM information_schema.tables AS t
WHERE t.table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
    AND t.table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
ORDER BY 1, 2
