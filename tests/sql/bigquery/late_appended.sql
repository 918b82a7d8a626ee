SELECT GREATEST(0, (
  SELECT COUNT(*) FROM `proj.shop_raw.orders` AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    AND (_floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR _floodmark_r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00')
) - (
  SELECT COUNT(*) FROM `proj.shop.orders` AS _floodmark_t
  WHERE (_floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR _floodmark_t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND _floodmark_t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00') AND (_floodmark_t.`made` >= DATETIME '2026-11-01 10:00:00' AND _floodmark_t.`made` < DATETIME '2026-11-01 11:00:00' OR _floodmark_t.`made` >= DATETIME '2026-11-01 08:00:00' AND _floodmark_t.`made` < DATETIME '2026-11-01 09:00:00')
)) AS `late`
