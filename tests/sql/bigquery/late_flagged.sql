SELECT COUNT(*) AS `late`
FROM (
  SELECT
    r.`id` AS `id`,
    r.`line no` AS `line no`,
    DATETIME(r.`made`, 'UTC') AS `made`,
    PARSE_JSON(r.`body`, wide_number_mode=>'round') AS `body`,
    r.`gone` AS `gone`,
    IFNULL(r.`gone`, FALSE) AS `_floodmark_deleted`,
    r.`_floodmark_cursor` AS `_floodmark_cursor`,
    r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS r
  WHERE r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    AND (r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00')
) AS s
LEFT JOIN `proj.shop.orders` AS t
ON t.`id` = s.`id` AND t.`line no` = s.`line no`
WHERE t.`_floodmark_read_at` IS NULL
  OR t.`_floodmark_read_at` < s.`_floodmark_read_at` AND (
    FALSE
    OR t.`made` IS DISTINCT FROM s.`made`
    OR TO_JSON_STRING(t.`body`) IS DISTINCT FROM TO_JSON_STRING(s.`body`)
    OR t.`gone` IS DISTINCT FROM s.`gone`
  )
