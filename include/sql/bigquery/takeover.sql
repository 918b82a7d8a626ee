{# Takes those rows over into raw, once (adopt). #}
INSERT INTO {{ raw | name }} ({% for column in stored %}{{ column | name }}{{ ", " if not loop.last }}{% endfor %})
SELECT {% for column in stored %}_floodmark_r.{{ column | name }}{{ ", " if not loop.last }}{% endfor %}

FROM (
{{ rows }}
) AS _floodmark_r
