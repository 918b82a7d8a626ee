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
    AND (DATETIME(_floodmark_r.`made`, 'UTC') < DATETIME '2026-12-31 00:00:00' OR DATETIME(_floodmark_r.`made`, 'UTC') IS NULL)
    AND (
(_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS _floodmark_n
        WHERE _floodmark_n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND _floodmark_n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00' AND (_floodmark_n.`made` < DATETIME '2026-12-31 00:00:00' OR _floodmark_n.`made` IS NULL)))
OR (_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS _floodmark_n
        WHERE _floodmark_n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND _floodmark_n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00' AND (_floodmark_n.`made` < DATETIME '2026-12-31 00:00:00' OR _floodmark_n.`made` IS NULL)))
    )
) AS _floodmark_s
ON FALSE
WHEN NOT MATCHED BY SOURCE AND IFNULL(_floodmark_t.`_floodmark_read_at` < TIMESTAMP '2026-11-01 11:00:05.000007+00:00', TRUE) AND (_floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR _floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00') AND (_floodmark_t.`made` < DATETIME '2026-12-31 00:00:00' OR _floodmark_t.`made` IS NULL) THEN
  DELETE
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (_floodmark_s.`id`, _floodmark_s.`line no`, _floodmark_s.`made`, _floodmark_s.`body`, _floodmark_s.`gone`, _floodmark_s.`_floodmark_cursor`, _floodmark_s.`_floodmark_read_at`)
;
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
    AND (DATETIME(_floodmark_r.`made`, 'UTC') >= DATETIME '2026-12-31 00:00:00')
    AND (
(_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS _floodmark_n
        WHERE _floodmark_n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND _floodmark_n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00' AND (_floodmark_n.`made` >= DATETIME '2026-12-31 00:00:00')))
OR (_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS _floodmark_n
        WHERE _floodmark_n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND _floodmark_n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00' AND (_floodmark_n.`made` >= DATETIME '2026-12-31 00:00:00')))
    )
) AS _floodmark_s
ON FALSE
WHEN NOT MATCHED BY SOURCE AND IFNULL(_floodmark_t.`_floodmark_read_at` < TIMESTAMP '2026-11-01 11:00:05.000007+00:00', TRUE) AND (_floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR _floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00') AND (_floodmark_t.`made` >= DATETIME '2026-12-31 00:00:00') THEN
  DELETE
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (_floodmark_s.`id`, _floodmark_s.`line no`, _floodmark_s.`made`, _floodmark_s.`body`, _floodmark_s.`gone`, _floodmark_s.`_floodmark_cursor`, _floodmark_s.`_floodmark_read_at`)
