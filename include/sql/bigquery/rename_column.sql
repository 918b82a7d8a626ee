{# A column that the source calls otherwise by now (R32). #}
ALTER TABLE {{ table | name }} RENAME COLUMN {{ column | name }} TO {{ becomes | name }}
