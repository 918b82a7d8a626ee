-- The views that a view is made of, itself first, as far as the role is told.
SELECT v.table_schema, v.table_name, v.view_definition
FROM information_schema.views AS v
WHERE BINARY v.table_schema = BINARY {{ schema | literal }} AND BINARY v.table_name = BINARY {{ table | literal }}
