"""A step says what the table is sealed up to, not what its read would seal (R4, R36)."""

from __future__ import annotations

import logging

import pytest

from floodmark.adapters.ledger.sql import SqlLedger
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.watermark import OpenTransaction
from floodmark.pipeline.outcome import outcome
from tests.pipeline.applied_reads import TARGET, Book, at, between, config
from tests.pipeline.conftest import World, hour


def _stands(book: Book) -> str:
    head = book.ledger.head(TARGET)
    return outcome(config().tables["orders"], head, head.last).stands


def test_a_slice_behind_a_gap_seals_nothing_of_the_table() -> None:
    book = Book()
    book.apply(between(2, 3), read_at=3.1, watermark=3)
    assert _stands(book) == "nothing sealed yet"
    book.apply(between(0, 2), read_at=3.2, watermark=3)
    assert _stands(book) == f"sealed up to {at(3).isoformat()} (proved)"


def test_a_read_that_proves_nothing_leaves_the_table_sealed() -> None:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1)
    book.apply(between(1, 2), read_at=2.1, watermark=None)
    assert _stands(book) == f"sealed up to {at(1).isoformat()} (proved)"


def test_a_table_without_a_cursor_is_as_of_its_last_whole_read() -> None:
    book = Book()
    book.apply(read_at=1, watermark=1, kind=Kind.REFRESH)
    assert _stands(book) == f"as of {at(1).isoformat()}"


def test_who_began_after_the_slices_end_is_not_named_as_holding_it_back() -> None:
    book = Book()
    old, young = (OpenTransaction(pid=pid, backend_start=at(0), since=at(since)) for pid, since in ((1, 0.5), (2, 1.5)))
    book.apply(between(0, 1), read_at=2.1, watermark=0.5, held_by=(old, young))
    head = book.ledger.head(TARGET)
    assert outcome(config().tables["orders"], head, head.last).held_by == str(old)
    assert [segment.held_by for segment in head.coverage] == [(old,)]


@pytest.mark.slow
def test_a_prepared_transaction_that_holds_a_slice_back_is_named_and_waited_for(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    writer = world.connect()
    cursor = writer.cursor()
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T00:20Z')")
    cursor.execute("PREPARE TRANSACTION 'held'")
    found = world.run("orders", hour(0))
    assert "prepared transaction 'held'" in found.held_by
    assert found.stands == "nothing sealed yet"
    cursor.execute("COMMIT PREPARED 'held'")
    writer.close()
    assert world.run("orders", hour(1)).stands.endswith("2026-11-01T02:00:00+00:00 (proved)")
    assert world.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
def test_a_table_without_a_cursor_has_no_gaps_to_tell_of(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.tables = "{orders: {sync: full}}"
    with caplog.at_level(logging.WARNING):
        for number in (0, 3):
            world.run("orders", hour(number))
    assert "gaps" not in caplog.text


def test_a_load_tells_what_it_closed_without_looking_through_the_ledgers_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a bucket that would be a list of all names of the table, and a hundred objects, each hour."""
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    monkeypatch.setattr(SqlLedger, "reads", _never)
    found = world.run("orders", hour(0))
    assert (found.rows, found.state, found.changed) == (1, "applied", True)


def _never(*_: object, **__: object) -> None:
    raise AssertionError("the ledger's reads were asked for")
