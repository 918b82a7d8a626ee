SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop.orders` AS _floodmark_t
  WHERE _floodmark_t.`made` >= DATETIME '2026-11-01 00:00:00' AND _floodmark_t.`made` < DATETIME '2026-11-03 00:00:00' OR _floodmark_t.`made` >= DATETIME '2026-12-31 00:00:00' AND _floodmark_t.`made` < DATETIME '2027-01-01 00:00:00' OR _floodmark_t.`made` IS NULL
  GROUP BY _floodmark_t.`id`, _floodmark_t.`line no`
  HAVING COUNT(*) > 1
) AS _floodmark_d
