SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop.orders` AS t
  WHERE t.`made` >= DATETIME '2026-11-01 00:00:00' AND t.`made` < DATETIME '2026-11-03 00:00:00' OR t.`made` >= DATETIME '2026-12-31 00:00:00' AND t.`made` < DATETIME '2027-01-01 00:00:00' OR t.`made` IS NULL
  GROUP BY t.`id`, t.`line no`
  HAVING COUNT(*) > 1
) AS d
