{# How many rows an assertion gives, which may give none. What was built is called `summary` in it. #}
WITH `summary` AS (SELECT * FROM {{ aside | name }})
SELECT COUNT(*) AS `broken`
FROM (
{{ assertion }}
) AS _floodmark_a
