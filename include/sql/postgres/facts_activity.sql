-- How large a table is with its partitions, and how many rows were inserted, and changed or deleted, as far as anybody counted.
SELECT
    (pg_catalog.sum(c.reltuples) FILTER (WHERE c.reltuples >= 0))::bigint AS size,
    pg_catalog.sum(s.n_tup_ins)::bigint AS inserted,
    pg_catalog.sum(s.n_tup_upd + s.n_tup_del)::bigint AS changes
FROM pg_catalog.pg_class AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class AS c
    ON c.oid = t.oid OR c.oid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree(t.oid) AS p WHERE p.isleaf)
JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = c.oid
WHERE n.nspname = {{ schema | literal }} AND t.relname = {{ table | literal }} AND c.relkind = 'r'
