-- What a SELECT of the user's own returns.
SELECT *
FROM (
{{ own }}
) AS own
LIMIT 0
