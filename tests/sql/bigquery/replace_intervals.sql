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
    AND (
(r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS n
        WHERE n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' AND n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00'))
OR (r.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND r.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND NOT EXISTS (
        SELECT 1 FROM `proj.shop.orders` AS n
        WHERE n.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND n.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00' AND n.`_floodmark_read_at` >= TIMESTAMP '2026-11-01 11:00:05.000007+00:00'))
    )
) AS s
ON FALSE
WHEN NOT MATCHED BY SOURCE AND IFNULL(t.`_floodmark_read_at` < TIMESTAMP '2026-11-01 11:00:05.000007+00:00', TRUE) AND (t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 10:00:00+00:00' AND t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 11:00:00+00:00' OR t.`_floodmark_cursor` >= TIMESTAMP '2026-11-01 08:00:00+00:00' AND t.`_floodmark_cursor` < TIMESTAMP '2026-11-01 09:00:00+00:00') THEN
  DELETE
WHEN NOT MATCHED BY TARGET THEN
  INSERT (`id`, `line no`, `made`, `body`, `gone`, `_floodmark_cursor`, `_floodmark_read_at`)
  VALUES (s.`id`, s.`line no`, s.`made`, s.`body`, s.`gone`, s.`_floodmark_cursor`, s.`_floodmark_read_at`)
