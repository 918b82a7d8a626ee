-- What a zone's clock shows at these moments, by the server's own rules, in their order (R35); NULL where it has none.
SELECT {% for moment in moments %}CONVERT_TZ({{ moment | literal }}, '+00:00', {{ zone | literal }}){{ ", " if not loop.last }}{% endfor %}
