{# The history of a table that is to have none any more. #}
DROP VIEW IF EXISTS {{ view | name }}
