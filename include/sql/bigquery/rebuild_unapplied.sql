{# Reads that raw has rows of, newer than all that current has: loaded, and never seen to be applied (R19). #}
SELECT t.`_floodmark_read_at` AS `read_at`, COUNT(*) AS `rows`
FROM {{ table | name }} AS t
{% if after %}
WHERE t.`_floodmark_read_at` > {{ after | literal }}
{% endif %}
GROUP BY t.`_floodmark_read_at`
ORDER BY t.`_floodmark_read_at`
