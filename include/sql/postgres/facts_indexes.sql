-- Columns that lead a valid, whole index of a table which can find a range: any of B-tree or BRIN.
SELECT DISTINCT a.attname::text
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
WHERE n.nspname = {{ schema | literal }}
  AND t.relname = {{ table | literal }}
  AND i.indisvalid
  AND i.indpred IS NULL
  AND m.amname IN ('btree', 'brin')
