-- The look, third of three questions (R4.2): the transactions of InnoDB that have changed rows, and the canary's, which
-- has changed none: without it the list is an old one, kept by the server for who asks often (M7).
-- trx_started is a text in the server's own zone, in which this session must be: of a doubled hour the earlier is taken.
SELECT
    trx_id,
    trx_mysql_thread_id,
    CAST(
        CASE
            WHEN FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 3600) = trx_started THEN UNIX_TIMESTAMP(trx_started) - 3600
            WHEN FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 1800) = trx_started THEN UNIX_TIMESTAMP(trx_started) - 1800
            ELSE UNIX_TIMESTAMP(trx_started)
        END AS SIGNED
    ) AS started,
    trx_rows_modified > 0 AS changed
FROM information_schema.innodb_trx
WHERE trx_rows_modified > 0 OR trx_mysql_thread_id = {{ canary | literal }}
