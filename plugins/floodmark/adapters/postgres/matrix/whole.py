"""The whole table."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix import built, extensions, numbers, shapes, system, texts, times
from floodmark.adapters.postgres.matrix.row import Edge, Row, Word, encoded, exact

CHAPTERS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("Numbers and truth", numbers.ROWS),
    ("Texts, bytes and documents", texts.ROWS),
    ("Days, moments, times of day and spans", times.ROWS),
    ("Networks, geometry, ranges", shapes.ROWS),
    ("What is made of other types", built.ROWS),
    ("PostgreSQL's own", system.ROWS),
    ("Extensions", extensions.ROWS),
)
ROWS: tuple[Row, ...] = tuple(row for _, rows in CHAPTERS for row in rows)
BUILT_IN = {
    row.name: row.carriage
    for _, rows in CHAPTERS
    for row in rows
    if not (row.array or row.made or row.modifier >= 0 or row.kind == "p" or "." in row.name)
}
"""By the catalog's name, the carriage of each built-in type; of numeric, the bare one."""

KEYS: dict[str, tuple[Edge, ...]] = {
    "double precision": (
        encoded("'-0'", "0.0", "it equals 0"),
        Edge(written="'NaN'", word=Word.QUARANTINED, note="it equals nothing in BigQuery"),
    ),
    "numeric": (encoded("1.50", "1.5", "it equals 1.5"), encoded("100.00", "100", ""), exact("'NaN'")),
    "citext": (encoded("'Ab'", "ab", "it equals ab"),),
    "integer[]": (
        encoded("'{1,NULL}'", "{1,NULL}", "PostgreSQL's own text"),
        encoded("'[0:1]={1,2}'", "[0:1]={1,2}", "likewise"),
    ),
    "interval": (Edge(written="'24:00:00'", word=Word.REFUSED, note="it equals 1 day"),),
    "jsonb": (Edge(written="'1.0'", word=Word.REFUSED, note="it equals 1.00"),),
}
"""By type, values that as a key become another than in any other column (R30)."""
