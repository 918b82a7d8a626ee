{% import "cloudsql/_catalog.sql" as catalog %}
-- Whether columns of a table are called otherwise than in this transaction's snapshot: an export asks for it along the way.
SELECT {{ catalog.renamed(schema, table) }} AS renamed
