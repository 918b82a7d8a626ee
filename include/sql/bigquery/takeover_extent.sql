{# The newest cursor of a table that somebody else filled, UTC (adopt). #}
SELECT MAX(_floodmark_r.`_floodmark_cursor`) AS `newest`
FROM (
{{ rows }}
) AS _floodmark_r
