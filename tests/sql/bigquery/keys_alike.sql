SELECT IFNULL(SUM(_floodmark_f.`doubled`), 0) AS `doubled`, IFNULL(SUM(_floodmark_f.`keys` - 1), 0) AS `alike`
FROM (
  SELECT COUNT(*) AS `keys`, COUNTIF(_floodmark_d.`_floodmark_rows` > 1) AS `doubled`
  FROM (
    SELECT _floodmark_t.`id`, _floodmark_t.`code`, COUNT(*) AS `_floodmark_rows`
    FROM `proj.shop.orders` AS _floodmark_t
    GROUP BY _floodmark_t.`id`, _floodmark_t.`code`
  ) AS _floodmark_d
  GROUP BY _floodmark_d.`id`, LOWER(RTRIM(_floodmark_d.`code`, ' '))
) AS _floodmark_f
