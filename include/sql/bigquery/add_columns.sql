{# Columns that the source has gained. Rows that stand there keep NULL in them until a reload (R26). #}
ALTER TABLE {{ table | name }}
{% for column, kind in columns %}
ADD COLUMN IF NOT EXISTS {{ column | name }} {{ kind }}{{ "" if loop.last else "," }}
{% endfor %}
