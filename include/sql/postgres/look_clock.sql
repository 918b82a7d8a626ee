-- The look, first of three statements (R4.1): the database's clock, before anything else is asked.
{% import "postgres/_look.sql" as look %}
SELECT
    {{ look.clock() | indent }}
