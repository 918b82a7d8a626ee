-- The account that reads a source: SELECT, and PROCESS, the right to see others' transactions (M11).
CREATE USER {account} IDENTIFIED BY {password};
GRANT SELECT ON {database}.* TO {account};
GRANT PROCESS ON *.* TO {account};
