SELECT
  IFNULL(SUM(_floodmark_h.`h0` & 4294967295), 0) AS `s0`,
  IFNULL(BIT_XOR(_floodmark_h.`h0`), 0) AS `x0`,
  IFNULL(SUM(_floodmark_h.`h1` & 4294967295), 0) AS `s1`,
  IFNULL(BIT_XOR(_floodmark_h.`h1`), 0) AS `x1`,
  IFNULL(SUM(_floodmark_h.`h2` & 4294967295), 0) AS `s2`,
  IFNULL(BIT_XOR(_floodmark_h.`h2`), 0) AS `x2`,
  IFNULL(SUM(_floodmark_h.`h3` & 4294967295), 0) AS `s3`,
  IFNULL(BIT_XOR(_floodmark_h.`h3`), 0) AS `x3`,
  IFNULL(SUM(_floodmark_h.`h4` & 4294967295), 0) AS `s4`,
  IFNULL(BIT_XOR(_floodmark_h.`h4`), 0) AS `x4`,
  IFNULL(SUM(_floodmark_h.`h5` & 4294967295), 0) AS `s5`,
  IFNULL(BIT_XOR(_floodmark_h.`h5`), 0) AS `x5`,
  IFNULL(SUM(_floodmark_h.`h6` & 4294967295), 0) AS `s6`,
  IFNULL(BIT_XOR(_floodmark_h.`h6`), 0) AS `x6`,
  COUNT(*) AS `rows`
FROM (
  SELECT
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v0`))), 1, 10)) AS INT64) AS `h0`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v1`))), 1, 10)) AS INT64) AS `h1`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v2`))), 1, 10)) AS INT64) AS `h2`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v3`))), 1, 10)) AS INT64) AS `h3`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v4`))), 1, 10)) AS INT64) AS `h4`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v5`))), 1, 10)) AS INT64) AS `h5`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(CONCAT(_floodmark_i.`identity`, CHR(31), _floodmark_i.`v6`))), 1, 10)) AS INT64) AS `h6`,
    CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5(_floodmark_i.`identity`)), 1, 10)) AS INT64) AS `h`
  FROM (
    SELECT
      _floodmark_v.*,
      CONCAT(_floodmark_v.`v0`, CHR(31), _floodmark_v.`v1`) AS `identity`
    FROM (
      SELECT
        IFNULL(CONCAT('=', CAST(_floodmark_r.`id` AS STRING)), '') AS `v0`,
        IFNULL(CONCAT('=', CAST(_floodmark_r.`line no` AS STRING)), '') AS `v1`,
        IFNULL(CONCAT('=', CAST(UNIX_MICROS(TIMESTAMP(_floodmark_r.`made`, 'UTC')) AS STRING)), '') AS `v2`,
        IFNULL(CONCAT('=', IF(_floodmark_r.`body` IS NULL, CAST(NULL AS STRING), TO_JSON_STRING(_floodmark_r.`body`))), '') AS `v3`,
        IFNULL(CONCAT('=', CAST(CAST(_floodmark_r.`gone` AS INT64) AS STRING)), '') AS `v4`,
        IFNULL(CONCAT('=', CAST(UNIX_MICROS(_floodmark_r.`_floodmark_cursor`) AS STRING)), '') AS `v5`,
        IFNULL(CONCAT('=', CAST(NULL AS STRING)), '') AS `v6`
      FROM `proj.shop.orders` AS _floodmark_r
      WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00' AND (_floodmark_r.`made` >= DATETIME '2026-11-01 00:00:00' AND _floodmark_r.`made` < DATETIME '2026-11-03 00:00:00' OR _floodmark_r.`made` >= DATETIME '2026-12-31 00:00:00' AND _floodmark_r.`made` < DATETIME '2027-01-01 00:00:00' OR _floodmark_r.`made` IS NULL)
    ) AS _floodmark_v
  ) AS _floodmark_i
) AS _floodmark_h
