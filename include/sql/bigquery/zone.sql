{# What a conversion that names no zone shows of midnight UTC, in winter and in summer: the project's default zone. #}
SELECT
  CAST(DATETIME(TIMESTAMP '2026-01-01 00:00:00+00:00') AS STRING) AS `winter`,
  CAST(DATETIME(TIMESTAMP '2026-07-01 00:00:00+00:00') AS STRING) AS `summer`
