-- Collations for which different texts may be equal (R30), as pg_collation_for names them.
SELECT DISTINCT pg_catalog.quote_ident(l.collname)
FROM pg_catalog.pg_collation AS l
WHERE NOT l.collisdeterministic
