SELECT COUNT(*) AS `late`
FROM (
  SELECT
    _floodmark_r.`id` AS `id`,
    _floodmark_r.`line no` AS `line no`,
    DATETIME(_floodmark_r.`made`, 'UTC') AS `made`,
    PARSE_JSON(_floodmark_r.`body`, wide_number_mode=>'round') AS `body`,
    _floodmark_r.`gone` AS `gone`,
    IFNULL(_floodmark_r.`gone`, FALSE) AS `_floodmark_deleted`,
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    AND (_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR _floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00')
) AS _floodmark_s
LEFT JOIN `proj.shop.orders` AS _floodmark_t
ON _floodmark_t.`id` = _floodmark_s.`id` AND _floodmark_t.`line no` = _floodmark_s.`line no`
  AND (_floodmark_t.`made` >= DATETIME '2026-11-01 00:00:00' AND _floodmark_t.`made` < DATETIME '2026-11-03 00:00:00' OR _floodmark_t.`made` >= DATETIME '2026-12-31 00:00:00' AND _floodmark_t.`made` < DATETIME '2027-01-01 00:00:00' OR _floodmark_t.`made` IS NULL)
WHERE _floodmark_t.`_floodmark_read_at` IS NULL AND NOT _floodmark_s.`_floodmark_deleted`
  OR _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` AND (
    _floodmark_s.`_floodmark_deleted`
    OR _floodmark_t.`made` IS DISTINCT FROM _floodmark_s.`made`
    OR (_floodmark_t.`body` IS NULL) != (_floodmark_s.`body` IS NULL)
    OR TO_JSON_STRING(_floodmark_t.`body`) IS DISTINCT FROM TO_JSON_STRING(_floodmark_s.`body`)
    OR _floodmark_t.`gone` IS DISTINCT FROM _floodmark_s.`gone`
  )
