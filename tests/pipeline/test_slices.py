"""One keyed table, slice by slice, from PostgreSQL into BigQuery."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from floodmark.core.ledger.coverage import provisional, sealed, sealed_up_to
from floodmark.core.time.interval import merge
from tests.pipeline.conftest import START, World, hour


def test_a_slice_takes_its_half_open_interval_and_no_more(world: World) -> None:
    world.sql(
        "INSERT INTO orders VALUES "
        "(1, 'before', 1, '2026-10-31T23:59:59.999999Z'), (2, 'low', 2.50, '2026-11-01T00:00:00Z'), "
        "(3, NULL, NULL, '2026-11-01T00:59:59.999999Z'), (4, '', 4, '2026-11-01T01:00:00Z')"
    )
    outcome = world.run("orders", hour(0))
    assert (outcome.state, outcome.rows, outcome.changed) == ("applied", 2, True)
    assert world.current("orders", "id, note, amount") == [(2, "low", Decimal("2.50")), (3, None, None)]
    world.run("orders", hour(1))
    assert world.current("orders", "id, note") == [(2, "low"), (3, None), (4, "")]


def test_a_later_version_replaces_an_earlier_one_and_is_kept_in_raw(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'new', 1, '2026-11-01T00:10:00Z')")
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = 'paid', updated_at = '2026-11-01T01:10:00Z'")
    world.run("orders", hour(1))
    assert world.current("orders", "id, note") == [(1, "paid")]
    assert world.raw("orders", "id, note", "_floodmark_read_at") == [(1, "new"), (1, "paid")]


def test_running_a_slice_again_changes_nothing(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10:00Z')")
    for _ in range(3):
        world.run("orders", hour(0))
    assert world.current("orders", "id, note") == [(1, "a")]
    assert world.head("orders").open is None


def test_an_empty_slice_is_a_row_of_the_ledger_and_nothing_else(world: World) -> None:
    outcome = world.run("orders", hour(5))
    assert (outcome.state, outcome.rows, outcome.changed) == ("applied", 0, False)
    assert list(world.google.storage_client().list_blobs(world.bucket)) == []
    assert world.head("orders").coverage[0].interval == hour(5)


def test_a_commit_that_comes_late_is_held_back_and_then_read(world: World) -> None:
    world.sql("ALTER TABLE orders ALTER updated_at SET DEFAULT now()")
    late = world.connect()
    late.autocommit = False
    with late.cursor() as cursor:
        cursor.execute("INSERT INTO orders (id, note) VALUES (1, 'late')")
    now = world.source("SELECT date_trunc('second', now())")[0][0]
    asked = merge([hour(0, 1)])[0]
    asked = type(asked)(low=START, high=now + timedelta(seconds=1))
    world.source("SELECT pg_sleep(1.1)")
    first = world.run("orders", asked)
    assert (first.rows, "pid" in first.held_by) == (0, True)
    assert provisional(world.head("orders").coverage) != ()
    late.commit()
    late.close()
    second = world.run("orders", None, run_id="the next run asks for nothing of its own")
    assert second.rows == 1
    assert world.current("orders", "id, note") == [(1, "late")]
    coverage = world.head("orders").coverage
    assert provisional(coverage) == ()
    assert sealed_up_to(coverage, START) == asked.high


def test_a_sealed_slice_that_gains_a_row_is_healed_and_told(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10:00Z')")
    world.run("orders", hour(0))
    assert sealed(world.head("orders").coverage) == (hour(0),)
    world.sql("INSERT INTO orders VALUES (2, 'written with a clock of its own', 1, '2026-11-01T00:20:00Z')")
    outcome = world.run("orders", hour(1))
    assert outcome.late == 1
    assert world.current("orders", "id") == [(1,), (2,)]


def test_rows_rewritten_without_a_change_are_not_late(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10:00Z')")
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = note")
    assert world.run("orders", hour(1)).late == 0
