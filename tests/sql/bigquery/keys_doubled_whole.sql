SELECT COUNT(*) AS `doubled`
FROM (
  SELECT 1 AS `one`
  FROM `proj.shop.orders` AS t
  GROUP BY t.`id`, t.`line no`
  HAVING COUNT(*) > 1
) AS d
