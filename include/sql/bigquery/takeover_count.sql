{# How many rows are taken over (adopt). #}
SELECT COUNT(*) AS `rows`
FROM (
{{ rows }}
) AS _floodmark_r
