{# A decimal of more digits, on either side of its point (R32). #}
ALTER TABLE {{ table | name }} ALTER COLUMN {{ column | name }} SET DATA TYPE {{ kind }}
