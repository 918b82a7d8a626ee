{# How many rows the sealed slices of an append table gained: more than current holds there (R12). Run before the merge. #}
{% from "bigquery/parts.sql" import any_of, within %}
SELECT GREATEST(0, (
  SELECT COUNT(*) FROM {{ raw | name }} AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` = {{ read_at | literal }}
    AND ({{ any_of("_floodmark_r.`_floodmark_cursor`", recheck) | replace("\n", "") }})
) - (
  SELECT COUNT(*) FROM {{ current | name }} AS _floodmark_t
  WHERE ({{ any_of("_floodmark_t.`_floodmark_cursor`", recheck) | replace("\n", "") }})
{%- if pruning %} AND ({{ within("_floodmark_t." ~ (cut.column | name), pruning) | replace("\n", "") }}){% endif %}

)) AS `late`
