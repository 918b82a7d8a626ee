-- What a zone's clock shows at these moments, by the server's own rules, in their order (R35).
SELECT moment AT TIME ZONE {{ zone | literal }}
FROM UNNEST(ARRAY[{% for moment in moments %}{{ moment | literal }}{{ ", " if not loop.last }}{% endfor %}]) WITH ORDINALITY AS probes (moment, place)
ORDER BY place
