{# Where the tables of a dataset stand: what each of its sources wrote, as one view. #}
CREATE OR REPLACE VIEW {{ view | name }}
OPTIONS (
  description = 'Where each table of this dataset stands, as of the last run of its source: up to when it is sealed'{% if labels %},
  labels = [{% for label, value in labels %}('{{ label }}', '{{ value }}'){{ ", " if not loop.last }}{% endfor %}]{% endif %}

) AS
{% for table in tables %}
SELECT {% for name, type, description in fields %}{{ name | name }}{{ ", " if not loop.last }}{% endfor %} FROM {{ table | name }}
{{ "UNION ALL" if not loop.last }}
{% endfor %}
