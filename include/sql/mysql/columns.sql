-- Columns with their types, invisible and generated ones too (M15).
SELECT
    c.column_name,
    c.data_type,
    c.column_type,
    c.is_nullable = 'YES',
    COALESCE(c.column_comment, ''),
    c.numeric_precision,
    c.numeric_scale,
    COALESCE(c.extra, ''),
    COALESCE(c.generation_expression, ''),
    c.column_default IS NOT NULL AND c.column_default <> 'NULL',
    COALESCE(c.collation_name, ''),
    COALESCE(c.character_set_name, '')
FROM information_schema.columns AS c
WHERE BINARY c.table_schema = BINARY {{ schema | literal }} AND BINARY c.table_name = BINARY {{ table | literal }}
ORDER BY c.ordinal_position
