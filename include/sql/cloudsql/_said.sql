{# What every export says of itself first and last: whether texts come as they are, under which settings. #}
{% macro set_names(settings) -%}
{% for name in settings %}pg_catalog.current_setting({{ name | literal }}){{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}
{% macro unspoiled(canary, settings) -%}
'canary', {{ canary | literal }}::text,
'nothing', pg_catalog.json_build_array(NULL::text, ''),
'strings', pg_catalog.current_setting('standard_conforming_strings'),
'set', pg_catalog.json_build_array({% for name in settings %}s.s{{ loop.index }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
{# The settings, made; a set_config keeps the plan from running arms side by side, too. #}
{% macro settled(settings) -%}
(
    SELECT {% for name, value in settings.items() %}pg_catalog.set_config({{ name | literal }}, {{ value | literal }}, TRUE) AS s{{ loop.index }}{{ ", " if not loop.last }}{% endfor %} OFFSET 0
) AS s
{%- endmacro %}
