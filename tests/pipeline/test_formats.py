"""A slice that is staged as text arrives as one of Parquet does (R27); tests/pipeline/test_types.py has every type."""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import counts, healed


@pytest.mark.parametrize(("format", "ending"), [("ndjson", ".ndjson.gz"), ("csv", ".csv.gz")])
def test_a_slice_of_text_arrives_as_it_is_also_with_a_column_that_came_later(
    world: World, format: str, ending: str
) -> None:
    world.tables = f"{{orders: {{format: {format}, verify: full}}}}"
    notes = ["NULL", "''", '\'say "hi", two' + chr(10) + "lines'", "'\\N'", "'null'"]
    world.sql(
        "ALTER TABLE orders ADD data bytea, ADD score float8",
        *(f"INSERT INTO orders VALUES ({i}, {note}, 1.50, '2026-11-01T00:10Z')" for i, note in enumerate(notes)),
        "UPDATE orders SET data = '\\x00ff', score = 'NaN' WHERE id = 1",
    )
    world.run("orders", hour(0))
    expected = [(0, None), (1, ""), (2, 'say "hi", two\nlines'), (3, "\\N"), (4, "null")]
    assert world.current("orders", "id, note") == expected
    assert world.current("orders", "data, IS_NAN(score)", "id")[1] == (b"\x00\xff", True)
    world.sql(
        "ALTER TABLE orders ADD early text",
        "INSERT INTO orders VALUES (9, 'new', 2, '2026-11-01T01:10Z', NULL, NULL, 'e')",
        "DELETE FROM orders WHERE id = 4",
    )
    world.run("orders", hour(1))
    assert world.current("orders", "id, early", "id")[-1] == (9, "e")
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert [row[0] for row in world.current("orders", "id")] == [0, 1, 2, 3, 9]
    last = world.head("orders").last
    assert last is not None
    assert last.manifest is not None
    assert last.manifest.format == format
    names = [one.name for one in world.google.storage_client().list_blobs(world.bucket)]
    assert sum(name.endswith(ending) for name in names) == 3
