{# Every version of each row, from what raw has of it (SCD type 2); as a view, or the SELECT alone. #}
{% macro same(one, other) %}{% for column in key %}{{ one }}.{{ column | name }} = {{ other }}.{{ column | name }}{{ " AND " if not loop.last }}{% endfor %}{% endmacro %}
{% macro by_key() %}{% for column in key %}{% if column in floats %}CAST({{ column | name }} AS STRING){% else %}{{ column | name }}{% endif %}{{ ", " if not loop.last }}{% endfor %}{% endmacro %}
{% if view %}
CREATE OR REPLACE VIEW {{ view | name }}
OPTIONS (
  description = 'Every version of each row that the raw table has, with valid_from, valid_to and is_current',
  labels = [{% for label, value in labels %}('{{ label }}', '{{ value }}'){{ ", " if not loop.last }}{% endfor %}]
) AS
{% endif %}
{# What raw has; and what current has still, though raw's partition of that read has expired. #}
WITH _floodmark_seen AS (
  SELECT
{% for column in columns %}
    {{ column.convert.format(col="_floodmark_r." ~ (column.name | name)) }} AS {{ column.name | name }},
{% endfor %}
{% if not soft %}
    FALSE AS `_floodmark_deleted`,
{% elif soft_boolean %}
    IFNULL(_floodmark_r.{{ soft | name }}, FALSE) AS `_floodmark_deleted`,
{% else %}
    _floodmark_r.{{ soft | name }} IS NOT NULL AS `_floodmark_deleted`,
{% endif %}
    _floodmark_r.`_floodmark_unheld` AS `_floodmark_unheld`,
    IFNULL(_floodmark_r.`_floodmark_gone`, FALSE){% if soft and not flag %} OR {% if soft_boolean %}IFNULL(_floodmark_r.{{ soft | name }}, FALSE){% else %}_floodmark_r.{{ soft | name }} IS NOT NULL{% endif %}{% endif %} AS `_floodmark_gone`,
    _floodmark_r.`_floodmark_cursor` AS `_floodmark_cursor`,
    _floodmark_r.`_floodmark_read_at` AS `_floodmark_read_at`
  FROM {{ raw | name }} AS _floodmark_r
{% if since %}
  WHERE _floodmark_r.`_floodmark_read_at` >= {{ since | literal }}
{% endif %}
  UNION ALL
  SELECT
{% for column in columns %}
    _floodmark_t.{{ column.name | name }},
{% endfor %}
    {% if flag %}IFNULL(_floodmark_t.`_floodmark_deleted`, FALSE){% else %}FALSE{% endif %},
    {% if unheld %}_floodmark_t.`_floodmark_unheld`{% else %}CAST(NULL AS STRING){% endif %},
    FALSE,
    _floodmark_t.`_floodmark_cursor`,
    _floodmark_t.`_floodmark_read_at`
  FROM {{ current | name }} AS _floodmark_t
  WHERE NOT EXISTS (
      SELECT 1 FROM {{ raw | name }} AS _floodmark_r
      WHERE {{ same("_floodmark_r", "_floodmark_t") }} AND _floodmark_r.`_floodmark_read_at` = _floodmark_t.`_floodmark_read_at`
    )
{% if since %}
    AND _floodmark_t.`_floodmark_read_at` >= {{ since | literal }}
{% endif %}
),
{# When what no read since a moment had seen left current; the first is none. Then reads of which each renewed it. #}
_floodmark_renewals AS (
  SELECT TIMESTAMP '9999-12-31 00:00:00+00:00' AS `_floodmark_since`, TIMESTAMP '9999-12-31 00:00:00+00:00' AS `_floodmark_at`
{% for renewal in renewals if not renewal.each %}
  UNION ALL SELECT {{ renewal.since | literal }}, {{ renewal.at | literal }}
{% endfor %}
{% for renewal in renewals if renewal.each %}
  UNION ALL SELECT DISTINCT _floodmark_r.`_floodmark_read_at`, _floodmark_r.`_floodmark_read_at` FROM {{ raw | name }} AS _floodmark_r
  WHERE _floodmark_r.`_floodmark_read_at` >= {{ renewal.since | literal }} AND _floodmark_r.`_floodmark_read_at` <= {{ renewal.at | literal }}
{% endfor %}
),
{# By read: when what it saw last left, and until when rows that it is the first to show were nowhere. #}
_floodmark_reads AS (
  SELECT
    _floodmark_s.`_floodmark_read_at` AS `_floodmark_read`,
    MIN(IF(_floodmark_w.`_floodmark_since` > _floodmark_s.`_floodmark_read_at`, _floodmark_w.`_floodmark_at`, NULL)) AS `_floodmark_left`,
    MAX(IF(_floodmark_w.`_floodmark_at` < _floodmark_s.`_floodmark_read_at` AND _floodmark_w.`_floodmark_since` >= _floodmark_o.`_floodmark_oldest`, _floodmark_w.`_floodmark_at`, NULL)) AS `_floodmark_without`
  FROM (SELECT DISTINCT `_floodmark_read_at` FROM _floodmark_seen) AS _floodmark_s
  CROSS JOIN _floodmark_renewals AS _floodmark_w
  CROSS JOIN (SELECT MIN(_floodmark_r.`_floodmark_read_at`) AS `_floodmark_oldest` FROM {{ raw | name }} AS _floodmark_r) AS _floodmark_o
  GROUP BY _floodmark_s.`_floodmark_read_at`
),
_floodmark_ordered AS (
  SELECT
    _floodmark_s.*, _floodmark_c.`_floodmark_left`, _floodmark_c.`_floodmark_without`,
    IF(_floodmark_s.`_floodmark_gone`, '', TO_JSON_STRING(STRUCT(
{% for column in columns %}
      _floodmark_s.{{ column.name | name }} AS `c{{ loop.index }}`,
{% endfor %}
      _floodmark_s.`_floodmark_deleted` AS `deleted`, _floodmark_s.`_floodmark_unheld` AS `unheld`
    ))) AS `_floodmark_content`,
    LEAD(_floodmark_s.`_floodmark_read_at`) OVER (PARTITION BY {{ by_key() }} ORDER BY _floodmark_s.`_floodmark_read_at`) AS `_floodmark_next`
  FROM _floodmark_seen AS _floodmark_s
  JOIN _floodmark_reads AS _floodmark_c ON _floodmark_c.`_floodmark_read` = _floodmark_s.`_floodmark_read_at`
),
_floodmark_ended AS (
  SELECT *, IF(`_floodmark_left` < IFNULL(`_floodmark_next`, TIMESTAMP '9999-12-31 00:00:00+00:00'), `_floodmark_left`, NULL) AS `_floodmark_swept`
  FROM _floodmark_ordered
),
_floodmark_compared AS (
  SELECT
    *,
    LAG(`_floodmark_read_at`) OVER (PARTITION BY {{ by_key() }} ORDER BY `_floodmark_read_at`) AS `_floodmark_before`,
    LAG(`_floodmark_swept`) OVER (PARTITION BY {{ by_key() }} ORDER BY `_floodmark_read_at`) AS `_floodmark_swept_before`,
    LAG(`_floodmark_content`) OVER (PARTITION BY {{ by_key() }} ORDER BY `_floodmark_read_at`) AS `_floodmark_content_before`
  FROM _floodmark_ended
),
{# The same row read twice is one version; the same again after it was gone is another. #}
_floodmark_begun AS (
  SELECT
    *,
    `_floodmark_before` IS NULL OR `_floodmark_swept_before` IS NOT NULL OR `_floodmark_content` != `_floodmark_content_before` AS `_floodmark_begins`
  FROM _floodmark_compared
),
_floodmark_numbered AS (
  SELECT *, COUNTIF(`_floodmark_begins`) OVER (PARTITION BY {{ by_key() }} ORDER BY `_floodmark_read_at`) AS `_floodmark_number`
  FROM _floodmark_begun
),
_floodmark_spanned AS (
  SELECT
    *,
    MAX(`_floodmark_swept`) OVER (PARTITION BY {{ by_key() }}, `_floodmark_number`) AS `_floodmark_out`,
    MAX(`_floodmark_read_at`) OVER (PARTITION BY {{ by_key() }}, `_floodmark_number`) AS `_floodmark_last_read_at`
  FROM _floodmark_numbered
),
{# The cursor, where the read before had shown another version until then; else the read that showed this one first. #}
_floodmark_timed AS (
  SELECT
    *,
    CASE
      WHEN `_floodmark_cursor` IS NULL AND `_floodmark_before` IS NULL AND `_floodmark_without` IS NULL THEN NULL
      WHEN `_floodmark_cursor` <= IF(`_floodmark_before` IS NULL OR `_floodmark_swept_before` IS NOT NULL, `_floodmark_without`, `_floodmark_before`) THEN `_floodmark_read_at`
      WHEN `_floodmark_cursor` < `_floodmark_read_at` THEN `_floodmark_cursor`
      ELSE `_floodmark_read_at`
    END AS `_floodmark_from`
  FROM _floodmark_spanned
  WHERE `_floodmark_begins`
),
_floodmark_closed AS (
  SELECT *, IFNULL(`_floodmark_out`, LEAD(`_floodmark_from`) OVER (PARTITION BY {{ by_key() }} ORDER BY `_floodmark_read_at`)) AS `_floodmark_to`
  FROM _floodmark_timed
)
SELECT
{% for column in columns %}
  _floodmark_v.{{ column.name | name }},
{% endfor %}
{% if flag %}
  _floodmark_v.`_floodmark_deleted`,
{% endif %}
  _floodmark_v.`_floodmark_unheld`,
  _floodmark_v.`_floodmark_from` AS `valid_from`,
  _floodmark_v.`_floodmark_to` AS `valid_to`,
  _floodmark_v.`_floodmark_to` IS NULL AND _floodmark_t.`_floodmark_read_at` IS NOT NULL AS `is_current`,
  _floodmark_v.`_floodmark_read_at` AS `_floodmark_first_read_at`,
  _floodmark_v.`_floodmark_last_read_at`
FROM _floodmark_closed AS _floodmark_v
LEFT JOIN {{ current | name }} AS _floodmark_t ON {{ same("_floodmark_t", "_floodmark_v") }}
WHERE NOT _floodmark_v.`_floodmark_gone`
