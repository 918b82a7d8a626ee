"""Rows with values that the target can't hold, on their way: encoded, or held out and followed by their key (R31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from floodmark.adapters.arrow import sorting
from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.core.carriage import Carriage, Check
from floodmark.core.unheld import Tally
from floodmark.errors import BadValue

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = Carriage(arrow="date32[day]", landing="DATE", target="DATE", check=Check.DATE)
WHOLE = Carriage(arrow="int64", landing="INT64", target="INT64")
INFINITY = -2_147_472_692
"""As ADBC gives it."""


def arrived(days: Sequence[int | None], dues: Sequence[int | None] = (), **declared: Any) -> ArrowRows:
    """Rows of a number, a day and a due date."""
    count = len(days)
    batch = pa.record_batch(
        {
            "id": pa.array(range(count), pa.int64()),
            "day": pa.array(days, pa.int32()).cast(pa.date32()),
            "due": pa.array(dues or [0] * count, pa.int32()).cast(pa.date32()),
            "_floodmark_cursor": pa.array([MOMENT] * count, pa.timestamp("us", tz="UTC")),
        }
    )
    ways = {"id": WHOLE, "day": DAY, "due": DAY}
    told: dict[str, Any] = {"key": ("id",)} | declared
    return ArrowRows(iter([batch]), ways, read_at=MOMENT, table="public.t", **told)


def shown(rows: ArrowRows, *names: str) -> list[tuple[Any, ...]]:
    table = pa.Table.from_batches(list(rows), schema=rows.arrow_schema)
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


def test_a_row_that_is_held_out_is_followed_by_its_key() -> None:
    rows = arrived([1, INFINITY, 3], bad_values="quarantine", leaving=True)
    found = shown(rows, "id", "due", "_floodmark_cursor", "_floodmark_gone")
    assert [(one[0], one[1] is None, one[2], one[3]) for one in found] == [
        (0, False, MOMENT, None),
        (2, False, MOMENT, None),
        (1, True, MOMENT, True),
    ]
    assert rows.tally == Tally(held_out=(("day", 1),), leaving=1)


def test_where_the_whole_table_is_replaced_nothing_need_leave() -> None:
    rows = arrived([1, INFINITY], bad_values="quarantine")
    assert shown(rows, "id") == [(0,)]
    assert "_floodmark_gone" not in rows.arrow_schema.names


@pytest.mark.parametrize("declared", [{"key": ("day",)}, {"partition_by": "day"}, {"soft": "day"}])
def test_what_makes_a_row_impossible_holds_it_out_under_encode_too(declared: dict[str, Any]) -> None:
    rows = arrived([1, INFINITY, 3], [INFINITY, 0, 0], leaving=True, **declared)
    gone = shown(rows, "id", "_floodmark_unheld", "_floodmark_gone")
    assert gone[:2] == [(0, '{"due": "infinity"}', None), (2, None, None)]
    keyed = "key" not in declared
    assert len(gone) == 2 + keyed
    assert rows.tally.leaving == keyed
    assert rows.tally.anywhere == ("partition_by" in declared)
    assert (rows.tally.held_out, rows.tally.unheld) == ((("day", 1),), (("due", 1),))


def test_more_rows_held_out_than_anybody_would_look_at_fail_the_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "MOST_QUARANTINED", 2)
    many = [INFINITY] * 3
    with pytest.raises(BadValue, match=r"more than 2 rows .* day = 'infinity' \(outside .* in the row \{'id': '2'\}"):
        list(arrived(many, bad_values="quarantine"))
    assert arrived(many).tally == Tally()
    rows = arrived(many)
    assert len(shown(rows, "id")) == 3
    assert rows.tally.unheld == (("day", 3),)
