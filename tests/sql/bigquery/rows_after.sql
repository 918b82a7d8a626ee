SELECT
  (
    SELECT COUNT(*)
    FROM (
  SELECT
    _floodmark_r.`id` AS `id`,
    _floodmark_r.`line no` AS `line no`,
    DATETIME(_floodmark_r.`made`, 'UTC') AS `made`,
    PARSE_JSON(_floodmark_r.`body`, wide_number_mode=>'round') AS `body`,
    _floodmark_r.`gone` AS `gone`,
    _floodmark_r.`made` IS NOT NULL AS `_floodmark_deleted`,
    IFNULL(_floodmark_r.`_floodmark_gone`, FALSE) AS `_floodmark_gone`,
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    ) AS _floodmark_s
    WHERE NOT (_floodmark_s.`_floodmark_deleted` OR _floodmark_s.`_floodmark_gone`)
  ) AS `brought`,
  (
    SELECT COUNT(*)
    FROM `proj.shop.orders` AS _floodmark_t
    WHERE NOT EXISTS (
      SELECT 1
      FROM (
  SELECT
    _floodmark_r.`id` AS `id`,
    _floodmark_r.`line no` AS `line no`,
    DATETIME(_floodmark_r.`made`, 'UTC') AS `made`,
    PARSE_JSON(_floodmark_r.`body`, wide_number_mode=>'round') AS `body`,
    _floodmark_r.`gone` AS `gone`,
    _floodmark_r.`made` IS NOT NULL AS `_floodmark_deleted`,
    IFNULL(_floodmark_r.`_floodmark_gone`, FALSE) AS `_floodmark_gone`,
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
      ) AS _floodmark_s
      WHERE (_floodmark_s.`_floodmark_deleted` OR _floodmark_s.`_floodmark_gone`) AND _floodmark_t.`id` = _floodmark_s.`id` AND _floodmark_t.`line no` = _floodmark_s.`line no`)
  ) AS `kept`
