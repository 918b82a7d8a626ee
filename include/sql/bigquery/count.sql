{# How many rows a table has. Without a filter this reads no bytes. #}
SELECT COUNT(*) AS `rows` FROM {{ table | name }}
