{# Of those rows the ones that equal the source's: without the keys that are staged beside them, or left the source. #}
{% from "bigquery/canonical.sql" import written, hash %}
{% set keys %}
{% for value, type in key %}{{ written(value, type) }}{{ ", CHR(31), " if not loop.last }}{% endfor %}
{% endset %}
SELECT _floodmark_r.*
FROM (
{{ rows }}
) AS _floodmark_r
{% for bits, numbers in left_out %}
{{ "WHERE" if loop.first else "  AND" }} {{ hash("CONCAT(" ~ (keys) ~ ")", digits) }} >> {{ (digits * 4 - bits) | literal }} NOT IN ({% for number in numbers %}{{ number | literal }}{{ ", " if not loop.last }}{% endfor %})
{% endfor %}
