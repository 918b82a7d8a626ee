-- Foreign keys by which rows of the table change unseen: neither ON UPDATE nor a trigger moves their cursor (M4).
SELECT r.constraint_name, r.referenced_table_name, r.update_rule, r.delete_rule
FROM information_schema.referential_constraints AS r
WHERE BINARY r.constraint_schema = BINARY {{ schema | literal }} AND BINARY r.table_name = BINARY {{ table | literal }}
    AND (r.update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR r.delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))
ORDER BY 1
