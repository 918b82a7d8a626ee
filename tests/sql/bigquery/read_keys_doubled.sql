SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop_raw.orders` AS _floodmark_t
  WHERE _floodmark_t.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
  GROUP BY _floodmark_t.`id`, _floodmark_t.`line no`
  HAVING COUNT(*) > 1
) AS _floodmark_d
