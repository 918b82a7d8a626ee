SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop.orders` AS _floodmark_t
  GROUP BY _floodmark_t.`id`, _floodmark_t.`line no`
  HAVING COUNT(*) > 1
) AS _floodmark_d
