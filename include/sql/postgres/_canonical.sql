{# The canonical text of a value (floodmark/core/checksum.py), by its type in the target; bigquery/canonical.sql likewise.
   What the target can't hold has none, and must not end the statement. PostgreSQL 14 or newer: extract() is exact there.
   By the types' output functions, since somebody may have defined a cast to text anew; NULL stays NULL. #}
{% macro whole(number) -%}
pg_catalog.textin(pg_catalog.int8out({{ number }}))
{%- endmacro %}
{% macro text(value) -%}
{% if value.type == "FLOAT64" -%}
{% set float = value.typed or value.raw %}
CASE WHEN {{ float }} = 0 THEN '0' WHEN {{ float }} = 'NaN' THEN 'nan' WHEN {{ float }} = 'Infinity' THEN 'inf' WHEN {{ float }} = '-Infinity' THEN '-inf' ELSE pg_catalog.ltrim(pg_catalog.to_char({{ float }}::double precision, '9.9999999999999999EEEE')) END
{%- elif value.type in ("NUMERIC", "BIGNUMERIC") -%}
pg_catalog.textin(pg_catalog.numeric_out(pg_catalog.trim_scale({{ value.raw }}::numeric)))
{%- elif value.type == "BOOL" -%}
{{ whole(value.raw ~ "::int") }}
{%- elif value.type == "BYTES" -%}
pg_catalog.encode({{ value.typed or value.raw }}, 'hex')
{%- elif value.type == "DATE" -%}
CASE WHEN pg_catalog.isfinite({{ value.raw }}) THEN {{ whole("(" ~ value.raw ~ " - DATE '1970-01-01')") }} END
{%- elif value.type == "TIME" -%}
{{ whole("(EXTRACT(EPOCH FROM " ~ value.raw ~ ") * 1000000)::bigint") }}
{%- elif value.type in ("TIMESTAMP", "DATETIME") -%}
{% set moment = value.typed or value.raw %}
CASE WHEN pg_catalog.isfinite({{ moment }}) THEN {{ whole("(EXTRACT(EPOCH FROM " ~ moment ~ ") * 1000000)::bigint") }} END
{%- elif value.type == "JSON" -%}
CASE WHEN pg_catalog.num_nulls({{ value.raw }}) = 0 THEN '' END
{%- elif value.type.startswith("ARRAY") -%}
{{ elements(value.raw, value.type[6:-1]) }}
{%- elif value.type == "INT64" -%}
{{ whole(value.typed or value.selected) }}
{%- else -%}
({{ value.selected }})::text
{%- endif %}
{%- endmacro %}
{# Of an array: each element's text behind its length. NULL and no elements are one in BigQuery. #}
{% macro elements(array, type) -%}
{% set selected = {"INT64": "_floodmark_e::bigint"}.get(type, "pg_catalog.concat(_floodmark_e)") %}
(SELECT pg_catalog.string_agg(pg_catalog.concat(pg_catalog.length(_floodmark_x), ':', _floodmark_x), '' ORDER BY _floodmark_o) FROM (SELECT {{ text({"raw": "_floodmark_e", "type": type, "selected": selected, "typed": ""}) }} AS _floodmark_x, _floodmark_o FROM pg_catalog.unnest({{ array }}) WITH ORDINALITY AS _floodmark_u (_floodmark_e, _floodmark_o)) AS _floodmark_y)
{%- endmacro %}
{# What the target can't hold is NULL there (R31). #}
{% macro written(value) -%}
{% if value.check %}CASE WHEN {{ bad(value) }} THEN '' ELSE {% endif %}
COALESCE('=' || {{ text(value) }}, '')
{%- if value.check %} END{% endif %}
{%- endmacro %}
{# The texts of what the target can't hold, as floodmark/core/unheld.py writes them; NULL where it holds all. #}
{% macro unheld(groups) -%}
{% if groups %}
CASE WHEN {% for group in groups %}{% set outer = loop %}{% for value in group %}{{ bad(value) }}{{ " OR " if not (loop.last and outer.last) }}{% endfor %}{% endfor %}
 THEN pg_catalog.textin(pg_catalog.jsonb_out(pg_catalog.jsonb_strip_nulls({% for group in groups %}pg_catalog.jsonb_build_object({% for value in group %}{{ value.name | literal }}, CASE WHEN {{ bad(value) }} THEN {{ value.text }} END{{ ", " if not loop.last }}{% endfor %}){{ " || " if not loop.last }}{% endfor %}))) END
{%- else %}NULL::text{% endif %}
{%- endmacro %}
{% macro joined(values) -%}
{% for value in values %}{{ written(value) }}{{ " || pg_catalog.chr(31) || " if not loop.last }}{% endfor %}
{%- endmacro %}
{# Of UTF-8, whatever the database's own encoding. #}
{% macro hash(text) -%}
('x' || pg_catalog.substr(pg_catalog.md5(pg_catalog.convert_to({{ text }}, 'UTF8')), 1, {{ digits | literal }}))::bit({{ (digits * 4) | literal }})::bigint
{%- endmacro %}
{# Whether the target can't hold the value (R27): as the worker decides it, see floodmark/adapters/arrow/columns.py. #}
{% macro bad(value) -%}
{% if value.check == "date" or value.check == "timestamp" -%}
({{ value.raw }} < '0001-01-01' OR {{ value.raw }} >= '10000-01-01')
{%- elif value.check == "time" -%}
{{ value.raw }} = '24:00:00'
{%- elif value.check == "decimal" -%}
{{ value.raw }}::numeric IN ('NaN', 'Infinity', '-Infinity')
{%- elif value.check == "nan" -%}
{{ value.raw }} = 'NaN'
{%- elif value.check == "marked" -%}
({{ value.bad }})
{%- endif %}
{%- endmacro %}
