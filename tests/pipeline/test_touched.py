"""Another writer of current is told before the next apply, and healed by a reload (R36)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import TargetTouched
from floodmark.pipeline.balance import balance
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import healed

pytestmark = pytest.mark.slow


def written(world: World, *statements: str) -> None:
    """Somebody else's statements; ``{current}`` is the table."""
    for text in statements:
        table = f"`{world.datasets.current}.orders`"
        world.google.bigquery_client().query(text.format(current=table), location="EU").result()


def two_hours(world: World) -> None:
    """Three rows of the first hour are read; one of the second is there."""
    world.sql(
        "INSERT INTO orders SELECT g, 'n', g, timestamptz '2026-11-01T00:10Z' FROM generate_series(1, 3) g",
        "INSERT INTO orders VALUES (4, 'later', 4, '2026-11-01T01:10Z')",
    )
    world.run("orders", hour(0))


def test_the_head_keeps_the_number_that_each_effect_left(world: World) -> None:
    two_hours(world)
    assert world.head("orders").target_rows == 3
    world.sql("UPDATE orders SET note = 'new', updated_at = '2026-11-01T01:20Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert world.head("orders").target_rows == len(world.current("orders")) == 4
    world.sql("DELETE FROM orders WHERE id = 2")
    world.run("orders", None, Kind.RELOAD)
    assert world.head("orders").target_rows == len(world.current("orders")) == 3


def test_rows_that_a_merge_removes_are_taken_off_the_number(world: World) -> None:
    world.tables = "{orders: {deletes: {soft: deleted_at}}}"
    world.sql("ALTER TABLE orders ADD deleted_at timestamptz")
    two_hours(world)
    world.sql("UPDATE orders SET deleted_at = now(), updated_at = '2026-11-01T01:20Z' WHERE id < 3")
    world.run("orders", hour(1))
    assert world.head("orders").target_rows == len(world.current("orders")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {current} (id, note) VALUES (77, 'alien')",
        "DELETE FROM {current} WHERE id = 2",
        "TRUNCATE TABLE {current}",
    ],
)
def test_another_writer_is_told_before_the_next_apply_and_healed_by_a_reload(world: World, statement: str) -> None:
    two_hours(world)
    written(world, statement)
    with pytest.raises(TargetTouched, match=r"somebody else .* floodmark reload shop orders"):
        world.run("orders", hour(1))
    assert "TargetTouched" in world.head("orders").error
    world.run("orders", hour(2))
    assert "TargetTouched" in world.head("orders").error
    world.run("orders", None, Kind.RELOAD)
    head = world.head("orders")
    assert (head.error, head.target_rows) == ("", 4)
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,)]


def empty_hour(world: World) -> None:
    """An hour without rows."""
    world.run("orders", hour(2))


def nothing_to_read(world: World) -> None:
    """A run that is asked for nothing."""
    world.run("orders", None)


def nothing_to_heal(world: World) -> None:
    """A comparison that finds no difference."""
    healed(world)


@pytest.mark.parametrize(
    ("sync", "between"),
    [
        ("append", empty_hour),
        ("incremental", empty_hour),
        ("append", nothing_to_read),
        ("incremental", nothing_to_read),
        ("incremental", nothing_to_heal),
    ],
)
def test_a_column_that_came_with_a_read_without_rows_was_taken_by_nobody(
    world: World, sync: str, between: Callable[[World], None]
) -> None:
    """Such a read brings it to no table; the next rows do."""
    world.tables = f"{{orders: {{sync: {sync}, cursor: updated_at}}}}"
    two_hours(world)
    world.run("orders", hour(1))
    world.sql("ALTER TABLE orders ADD COLUMN extra text")
    between(world)
    assert balance(world.table_run("orders"), everything=True) is not None
    world.sql("INSERT INTO orders (id, note, amount, updated_at, extra) VALUES (9, 'z', 1, '2026-11-01 03:30Z', 'x')")
    world.run("orders", hour(3))
    assert world.head("orders").error == ""
    assert (9, "x") in world.current("orders", "id, extra")


def test_a_column_that_somebody_took_from_current_is_told_once_and_healed_by_a_reload(world: World) -> None:
    two_hours(world)
    written(world, "ALTER TABLE {current} DROP COLUMN note")
    with pytest.raises(TargetTouched, match=r"lacks the columns note that it had.*floodmark reload shop orders"):
        world.run("orders", hour(1))
    world.run("orders", hour(2))
    assert "lacks the columns note" in world.head("orders").error
    world.run("orders", None, Kind.RELOAD)
    assert world.head("orders").error == ""
    assert world.current("orders", "id, note") == [(1, "n"), (2, "n"), (3, "n"), (4, "later")]


def test_a_refresh_tells_of_another_writer_and_replaces_what_he_left(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.tables = "{orders: {sync: full}}"
    two_hours(world)
    written(world, "INSERT INTO {current} (id, note) VALUES (77, 'alien')")
    world.run("orders", hour(1))
    assert "somebody else" in caplog.text
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,)]
    assert world.head("orders").error == ""
