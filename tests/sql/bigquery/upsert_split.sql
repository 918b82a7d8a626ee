MERGE `proj.shop.orders` AS t
USING (
  SELECT
    r.`id` AS `id`,
    r.`line no` AS `line no`,
    DATETIME(r.`made`, 'UTC') AS `made`,
    PARSE_JSON(r.`body`, wide_number_mode=>'round') AS `body`,
    r.`gone` AS `gone`,
    r.`_floodmark_cursor` AS `_floodmark_cursor`,
    r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS r
  WHERE r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    AND (DATETIME(r.`made`, 'UTC') >= DATETIME '2026-11-01 00:00:00' AND DATETIME(r.`made`, 'UTC') < DATETIME '2026-11-03 00:00:00' OR DATETIME(r.`made`, 'UTC') IS NULL)
) AS s
ON t.`id` = s.`id` AND t.`line no` = s.`line no`
  AND (t.`made` >= DATETIME '2026-11-01 00:00:00' AND t.`made` < DATETIME '2026-11-03 00:00:00' OR t.`made` IS NULL)
WHEN MATCHED AND t.`_floodmark_read_at` < s.`_floodmark_read_at` THEN
  UPDATE SET
    `made` = s.`made`,
    `body` = s.`body`,
    `gone` = s.`gone`,
    `_floodmark_cursor` = s.`_floodmark_cursor`,
    `_floodmark_read_at` = s.`_floodmark_read_at`
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (s.`id`, s.`line no`, s.`made`, s.`body`, s.`gone`, s.`_floodmark_cursor`, s.`_floodmark_read_at`)
;
MERGE `proj.shop.orders` AS t
USING (
  SELECT
    r.`id` AS `id`,
    r.`line no` AS `line no`,
    DATETIME(r.`made`, 'UTC') AS `made`,
    PARSE_JSON(r.`body`, wide_number_mode=>'round') AS `body`,
    r.`gone` AS `gone`,
    r.`_floodmark_cursor` AS `_floodmark_cursor`,
    r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM `proj.shop_raw.orders` AS r
  WHERE r.`_floodmark_read_at` = TIMESTAMP '2026-11-01 11:00:05.000007+00:00'
    AND (DATETIME(r.`made`, 'UTC') >= DATETIME '2026-12-31 00:00:00' AND DATETIME(r.`made`, 'UTC') < DATETIME '2027-01-01 00:00:00')
) AS s
ON t.`id` = s.`id` AND t.`line no` = s.`line no`
  AND (t.`made` >= DATETIME '2026-12-31 00:00:00' AND t.`made` < DATETIME '2027-01-01 00:00:00')
WHEN MATCHED AND t.`_floodmark_read_at` < s.`_floodmark_read_at` THEN
  UPDATE SET
    `made` = s.`made`,
    `body` = s.`body`,
    `gone` = s.`gone`,
    `_floodmark_cursor` = s.`_floodmark_cursor`,
    `_floodmark_read_at` = s.`_floodmark_read_at`
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (s.`id`, s.`line no`, s.`made`, s.`body`, s.`gone`, s.`_floodmark_cursor`, s.`_floodmark_read_at`)
