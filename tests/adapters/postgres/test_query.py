"""The texts of reads: golden files in tests/sql/postgres; on failure the actual text is written beside."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floodmark.adapters.postgres.query import Query, airflow_template
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.schema import Column, TableSchema
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused

GOLDEN = Path(__file__).parents[2] / "sql" / "postgres"
TABLE = TableSchema(
    schema="shop",
    name="orders",
    columns=tuple(
        with_carriage(column)
        for column in (
            Column(name="id", type="bigint", base_type="int8"),
            Column(name="Total", type="numeric(12,2)", base_type="numeric", modifier=(12 << 16 | 2) + 4),
            Column(name="tags", type="text[]", base_type="text", array=True),
            Column(name="updated_at", type="timestamp with time zone", base_type="timestamptz"),
            Column(name="created_at", type="timestamp without time zone", base_type="timestamp"),
            Column(name="day", type="date", base_type="date"),
        )
    ),
)
PLAIN = Selection(schema="shop", name="orders", key=("id",), cursor=("updated_at",), columns=("id", "Total", "tags"))


def hour(number, base=None):
    low, high = (datetime(2026, 11, 1, at, tzinfo=UTC) for at in (number, number + 1))
    return Span(interval=Interval(low=low, high=high), base=base)


def select(**changes):
    return Query(selection=replace(PLAIN, **changes), schema=TABLE, xmax=(1 << 32) + 5_000)


CASES = {
    "slice": lambda: select().rows([hour(10)]),
    "slice_since": lambda: select(where="tags <> '{}'").rows([hour(9, base=4_294_968_000), hour(11)]),
    "slice_that_sends_its_cursor": lambda: select(columns=("id", "updated_at")).rows([hour(10)]),
    "slice_leaving": lambda: select(where="tags <> '{}' -- all", leaving=True, null_cursor="include").rows(
        [hour(9, base=4_294_968_000), hour(11)]
    ),
    "slice_first_not_null": lambda: select(cursor=("updated_at", "created_at"), timezone="Europe/Berlin").rows(
        [hour(10)]
    ),
    "slice_of_days": lambda: select(cursor=("day",)).rows([hour(10), hour(11, base=7)]),
    "slice_with_nulls": lambda: select(null_cursor="include").rows([hour(10)]),
    "slice_of_own_select": lambda: select(sql="SELECT * FROM orders JOIN lines USING (id);").rows([hour(10)]),
    "table": lambda: select(cursor=(), where="id > 0 -- all").rows(None),
    "hold": lambda: select().holder(),
    "cursor_counts": lambda: select(cursor=("updated_at", "created_at"), timezone="Europe/Berlin").counts(),
    "airflow": lambda: airflow_template(PLAIN),
}


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_a_read(case):
    """Changed on purpose? Move ``<case>.actual.sql`` over ``<case>.sql``."""
    expected, actual = GOLDEN / f"{case}.sql", GOLDEN / f"{case}.actual.sql"
    text = CASES[case]() + "\n"
    if not expected.exists() or expected.read_text(encoding="utf-8") != text:
        actual.write_text(text, encoding="utf-8")
        pytest.fail(f"differs from {expected.name}; see {actual.name}")
    actual.unlink(missing_ok=True)


def test_every_golden_file_has_its_text():
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(CASES)


def test_a_cursor_that_is_no_time_is_refused():
    with pytest.raises(SourceRefused, match=r"shop\.orders: the cursor id is of type bigint; it must be"):
        select(cursor=("id",)).rows([hour(10)])
