{# All of what was built aside. #}
SELECT * FROM {{ aside | name }}
