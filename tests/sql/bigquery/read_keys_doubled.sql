SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop_raw.orders` AS t
  WHERE t.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
  GROUP BY t.`id`, t.`line no`
  HAVING COUNT(*) > 1
) AS d
