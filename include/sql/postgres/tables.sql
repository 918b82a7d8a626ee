{% from "postgres/_everybodys.sql" import everybodys %}
-- Every table and view that the role may read; partitions only through the table that they are part of.
SELECT n.nspname::text, c.relname::text
{{ everybodys() }}
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
ORDER BY 1, 2
