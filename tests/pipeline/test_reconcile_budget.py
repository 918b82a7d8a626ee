"""How much a reconcile may look into, what it may cost, and what makes it refuse (R25)."""

from __future__ import annotations

import pytest

from floodmark.adapters.postgres import reading as postgres_reading
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core import reconcile as core
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.core.ledger.snapshot import History
from floodmark.errors import ChecksumMismatch, ConfigurationError, KeysDoubled, SourceRefused, TooMuchInFlight
from floodmark.pipeline.extract import extract
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

pytestmark = pytest.mark.slow

ROWS = 20_000


def orders(world: World, rows: int = 4) -> None:
    """Some orders of the first hour, read and sealed."""
    world.sql(f"INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, {rows}) g")
    world.run("orders", hour(0))


def test_more_than_a_share_is_left_for_the_next_run_and_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "ALWAYS_ROWS", 1)
    world.tables = '{orders: {reconcile_share: "70%"}}'
    orders(world, ROWS)
    world.sql("DELETE FROM orders WHERE id % 100 = 0", "UPDATE orders SET note = 'silent' WHERE id % 100 = 1")
    first = healed(world)
    missing, changed, deleted, left = counts(first)
    assert (missing, left) == (0, 32 - 23)  # 70 % of the 32 buckets that 20,000 rows make
    assert 0 < deleted < 200
    assert 0 < changed < 200
    assert world.head("orders").reconciled_at is None
    second = healed(world)
    assert counts(second) == (0, 200 - changed, 200 - deleted, 0)
    assert world.head("orders").reconciled_at is not None
    assert world.current("orders", "COUNT(*), COUNTIF(note = 'silent')") == [(ROWS - 200, 200)]
    assert counts(compared(world)) == (0, 0, 0, 0)


def test_many_keys_are_read_by_their_buckets_few_by_themselves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "EXACT", 2)
    orders(world, 60)
    world.sql("UPDATE orders SET note = 'silent' WHERE id <= 2")
    assert healed(world).outcome.rows == 2  # type: ignore[union-attr]
    world.sql(
        "UPDATE orders SET note = 'again' WHERE id <= 3",
        "UPDATE orders SET note = 'in flight', updated_at = '2026-11-01T05:00Z' WHERE id > 50",
    )
    found = healed(world)
    assert counts(found) == (0, 3, 0, 0)
    assert found.outcome is not None
    assert found.outcome.rows > 3
    assert counts(compared(world)) == (0, 0, 0, 0)


@pytest.mark.parametrize(("each", "refused"), [(400, True), (333, False)])
def test_what_would_cost_more_bytes_than_allowed_is_refused(world: World, each: int, refused: bool) -> None:
    """Three questions: the extent, the sums, and the rows of what differs. The local server tells of no bytes."""
    world.tables = "{orders: {reconcile_bytes: 1000}}"
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 1")
    costly = watching(world.table_run("orders"), "warehouse", after=lambda call, _: each if call == "dry_run" else None)
    if refused:
        with pytest.raises(ConfigurationError, match=r"reconcile_bytes: .* 1,200 bytes .* more than 1,000; allow more"):
            healed(world, ports=costly.ports)
        head = world.head("orders")
        assert (head.open, head.error, head.holder) == (None, "", "")
        assert len(world.current("orders")) == 4
    else:
        assert counts(healed(world, ports=costly.ports)) == (0, 0, 1, 0)


def test_keys_in_flight_are_left_out_at_both_ends(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Not even a range of keys is looked into for them."""
    orders(world)
    world.sql("UPDATE orders SET note = 'in flight', updated_at = '2026-11-01T05:00Z'")
    with caplog.at_level("INFO"):
        assert counts(compared(world)) == (0, 0, 0, 0)
    assert "0 of 16 ranges of keys differ, 0 are looked into" in caplog.text


def test_too_many_keys_in_flight_are_to_be_read_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MOST_LOOSE", 3)
    orders(world)
    world.sql("UPDATE orders SET updated_at = '2026-11-01T01:10Z'", "DELETE FROM orders WHERE id = 9")
    with pytest.raises(TooMuchInFlight, match="4 keys of the source are not settled yet, and no more than 3"):
        healed(world)
    world.run("orders", hour(1))
    assert counts(healed(world)) == (0, 0, 0, 0)


def test_a_key_that_is_gone_only_by_its_hash_is_never_removed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    orders(world)
    alike = core.compare
    monkeypatch.setattr(core, "compare", lambda source, target: alike({}, target))
    monkeypatch.setattr(core, "differing", lambda source, target: tuple(sorted({*source, *target})))
    with pytest.raises(ChecksumMismatch, match="that seemed deleted are in the source: 1; 2; 3; 4; the two ends"):
        healed(world)
    assert len(world.current("orders")) == 4
    assert "ChecksumMismatch" in world.head("orders").error


def test_a_key_that_stands_twice_in_current_is_told_and_not_healed(world: World) -> None:
    orders(world)
    table = f"`{world.datasets.current}.orders`"
    world.google.bigquery_client().query(f"INSERT INTO {table} SELECT * FROM {table} WHERE id = 2").result()
    with pytest.raises(KeysDoubled, match=r"the key \(id\) = 2 stands more than once"):
        compared(world)
    with pytest.raises(KeysDoubled):
        healed(world)
    world.run("orders", hour(1))
    assert "KeysDoubled" in world.head("orders").error


def test_nothing_is_compared_before_anything_is_sealed_or_without_keys(world: World) -> None:
    assert healed(world).skipped == "nothing of it was read yet"
    world.tables = "{events: {sync: append, cursor: updated_at, from: orders}}"
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("events", hour(0))
    assert healed(world, "events").skipped == "only incremental tables are compared, and it is append"


def test_a_server_that_is_too_old_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    orders(world)
    monkeypatch.setattr(postgres_reading, "_OLDEST_COMPARED", 990_000)
    with pytest.raises(SourceRefused, match=r"public.orders: to reconcile needs PostgreSQL 14, this one is 1[0-9]"):
        compared(world)


def test_rows_that_gave_way_to_a_crash_are_reloaded_and_not_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(world)
    monkeypatch.setattr(PostgresSource, "history", lambda *_: History(voided="the source crashed"))
    assert healed(world).skipped == "it is to be reloaded first, as its next run does: the source crashed"


def test_an_open_read_is_finished_before_anything_is_compared(world: World) -> None:
    orders(world)
    world.sql("INSERT INTO orders VALUES (9, 'staged', 1, '2026-11-01T01:10Z')")
    extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="left", interval=hour(1)))
    world.sql("DELETE FROM orders WHERE id = 9")
    assert counts(healed(world)) == (0, 0, 1, 0)
    reads = world.table_run("orders").ports.ledger.reads(world.table_run("orders").target)
    assert [read.state for read in reads] == [State.APPLIED] * 3
