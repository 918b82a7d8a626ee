{# How many rows raw holds of one read, and the clock by which they expire (R33). A constant partition: 8 bytes a row. #}
SELECT COUNT(*) AS `rows`, CURRENT_TIMESTAMP() AS `clock`
FROM {{ raw | name }} AS _floodmark_r
WHERE _floodmark_r.`_floodmark_read_at` = {{ read_at | literal }}
