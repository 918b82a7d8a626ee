{# Columns that the configuration excludes by now (R29). Time travel has them still, for its window. #}
ALTER TABLE {{ table | name }}
{% for column in columns %}
DROP COLUMN IF EXISTS {{ column | name }}{{ "" if loop.last else "," }}
{% endfor %}
