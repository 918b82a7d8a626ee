{# The partitions of a window are replaced by what was built of them, in one statement. #}
MERGE {{ table | name }} AS _floodmark_t
USING {{ aside | name }} AS _floodmark_s
ON FALSE
WHEN NOT MATCHED BY SOURCE
  AND _floodmark_t.{{ cut | name }} >= {{ low | literal }} AND _floodmark_t.{{ cut | name }} < {{ high | literal }}
THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT ({% for column in columns %}{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
VALUES ({% for column in columns %}_floodmark_s.{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
