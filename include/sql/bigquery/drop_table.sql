{# A table that a person had made anew, with all that stands in it (`floodmark reload --anew`). #}
DROP TABLE IF EXISTS {{ table | name }}
