MERGE `proj.shop.orders` AS _floodmark_t
USING (
  SELECT
    _floodmark_r.`id` AS `id`,
    _floodmark_r.`line no` AS `line no`,
    DATETIME(_floodmark_r.`made`, 'UTC') AS `made`,
    PARSE_JSON(_floodmark_r.`body`, wide_number_mode=>'round') AS `body`,
    _floodmark_r.`gone` AS `gone`,
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
) AS _floodmark_s
ON _floodmark_t.`id` = _floodmark_s.`id` AND _floodmark_t.`line no` = _floodmark_s.`line no`
  AND (_floodmark_t.`made` >= DATETIME '2026-11-01 00:00:00' AND _floodmark_t.`made` < DATETIME '2026-11-03 00:00:00' OR _floodmark_t.`made` >= DATETIME '2026-12-31 00:00:00' AND _floodmark_t.`made` < DATETIME '2027-01-01 00:00:00' OR _floodmark_t.`made` IS NULL)
WHEN MATCHED AND _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` THEN
  UPDATE SET
    `made` = _floodmark_s.`made`,
    `body` = _floodmark_s.`body`,
    `gone` = _floodmark_s.`gone`,
    `_floodmark_cursor` = _floodmark_s.`_floodmark_cursor`,
    `_floodmark_read_at` = _floodmark_s.`_floodmark_read_at`
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (_floodmark_s.`id`, _floodmark_s.`line no`, _floodmark_s.`made`, _floodmark_s.`body`, _floodmark_s.`gone`, _floodmark_s.`_floodmark_cursor`, _floodmark_s.`_floodmark_read_at`)
