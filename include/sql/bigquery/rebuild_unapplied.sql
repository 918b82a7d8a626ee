{# Reads that raw has rows of, newer than all that current has: loaded, and never seen to be applied (R19). #}
SELECT _floodmark_t.`_floodmark_read_at` AS `read_at`, COUNT(*) AS `rows`
FROM {{ table | name }} AS _floodmark_t
{% if after %}
WHERE _floodmark_t.`_floodmark_read_at` > {{ after | literal }}
{% endif %}
GROUP BY _floodmark_t.`_floodmark_read_at`
ORDER BY _floodmark_t.`_floodmark_read_at`
