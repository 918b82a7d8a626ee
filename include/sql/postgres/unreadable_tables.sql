{% from "postgres/_everybodys.sql" import everybodys %}
-- Every table and view that is there and that the role may not read.
SELECT n.nspname::text, c.relname::text
{{ everybodys() }}
    AND NOT (
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
    )
ORDER BY 1, 2
