"""What differs between two checksums, and the statements that make one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from floodmark.adapters.arrow.checksum import RunningChecksum
from floodmark.core.bigquery import checksum_sql
from floodmark.core.bigquery.merge import SoftDelete
from floodmark.core.checksum import ROW, Checksum, ColumnSum, differing
from tests.core.bigquery.test_merge import CUT, PLAIN

GOLDEN = Path(__file__).parent.parent / "sql" / "bigquery" / "checksum"

ONE = Checksum(level="full", rows=2, columns=(ColumnSum(name="a", sum=1, xor=2), ColumnSum(name=ROW, sum=3, xor=4)))
STATEMENTS = {
    "raw": checksum_sql.of_raw(PLAIN, "sample"),
    "wanted": checksum_sql.of_wanted(replace(CUT, soft_delete=SoftDelete(column="gone")), "full"),
    "current": checksum_sql.of_current(CUT, "full"),
    "keyless": checksum_sql.of_raw(replace(PLAIN, key=(), replace=True), "full"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_as_it_was(name: str) -> None:
    """On purpose changed? Move ``<name>.actual.sql`` over ``<name>.sql``."""
    expected, actual = GOLDEN / f"{name}.sql", GOLDEN / f"{name}.actual.sql"
    if expected.read_text(encoding="utf-8") != STATEMENTS[name] + "\n":
        actual.write_text(STATEMENTS[name] + "\n", encoding="utf-8")
        pytest.fail(f"differs from {expected.name}; see {actual.name}")
    actual.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("other", "columns"),
    [
        (ONE, ()),
        (replace(ONE, columns=(ColumnSum(name="a", sum=1, xor=3), ONE.columns[1])), ("a",)),
        (replace(ONE, columns=(ColumnSum(name="a", sum=0, xor=2), ColumnSum(name=ROW, sum=0, xor=0))), ("a",)),
        (replace(ONE, columns=(ONE.columns[0], ColumnSum(name=ROW, sum=0, xor=0))), (ROW,)),
        (replace(ONE, rows=3), (ROW,)),
        (replace(ONE, columns=ONE.columns[:1]), (ROW,)),
    ],
)
def test_the_columns_that_differ_are_named(other: Checksum, columns: tuple[str, ...]) -> None:
    assert differing(ONE, other) == columns


def summed(
    rows: list[tuple[int, str | None]], *, batches: int = 1, level: str = "full", keyed: bool = True
) -> Checksum:
    running = RunningChecksum(["id", "note"], ["id"] if keyed else [], level)
    for number in range(batches):
        running.add(pa.RecordBatch.from_pylist([{"id": i, "note": n} for i, n in rows[number::batches]], SCHEMA))
    return running.value


SCHEMA = pa.schema([("id", pa.int64()), ("note", pa.string())])
ROWS = [(number, f"n{number % 3}") for number in range(500)]


@pytest.mark.parametrize("keyed", [True, False])
def test_the_order_of_rows_and_their_batches_do_not_matter(keyed: bool) -> None:
    assert summed(ROWS, keyed=keyed) == summed(ROWS[::-1], batches=3, keyed=keyed)


@pytest.mark.parametrize("level", ["full", "sample"])
def test_a_sample_is_of_the_same_rows_whatever_comes_beside_them(level: str) -> None:
    first, both = summed(ROWS[:250], level=level), summed(ROWS, level=level)
    assert both.rows == first.rows + summed(ROWS[250:], level=level).rows
    assert both.rows == 500 if level == "full" else 0 < both.rows < 30


@pytest.mark.parametrize(
    "rows",
    [
        [(1, ""), (2, "b")],
        [(1, "b"), (2, None)],
        [(1, None), (2, "=b")],
        [(1, None), (2, "b"), (2, "b")],
        [(1, None), (2, "b"), (3, "c"), (3, "c")],
    ],
)
def test_null_places_and_doubles_count(rows: list[tuple[int, str | None]]) -> None:
    assert differing(summed([(1, None), (2, "b")]), summed(rows)) != ()
