{# The newest read that a table has rows of; NULL where it is empty (R19). #}
SELECT MAX(_floodmark_t.`_floodmark_read_at`) AS `newest` FROM {{ table | name }} AS _floodmark_t
