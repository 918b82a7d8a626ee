-- Between which values of its key's first column a table can be shared out; from the two ends of the index.
SELECT MIN({{ column | name }}), MAX({{ column | name }})
FROM {{ schema | name }}.{{ table | name }}
